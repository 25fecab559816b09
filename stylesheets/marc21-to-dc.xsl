<?xml version="1.0" encoding="UTF-8"?>
<!--
  MARC 21 (MARCXML) to simple Dublin Core. Elements come in the order of the templates below; fields 880 count as fields of
  the tag they are linked to. Parameters: see dc-container.xsl.
-->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:marc="http://www.loc.gov/MARC21/slim"
    xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:m="urn:x-discovery:marc" xmlns:exsl="http://exslt.org/common"
    extension-element-prefixes="exsl" exclude-result-prefixes="marc m">
  <xsl:import href="marc-text.xsl"/>
  <xsl:import href="marc21-record.xsl"/>
  <xsl:import href="marc21-parts.xsl"/>
  <xsl:import href="dc-container.xsl"/>

  <xsl:template match="/marc:record">
    <xsl:variable name="elements">
      <xsl:choose>
        <xsl:when test="key('field', '880')">
          <xsl:variable name="arranged">
            <xsl:apply-templates select="." mode="arrange"/>
          </xsl:variable>
          <xsl:apply-templates select="exsl:node-set($arranged)/marc:record" mode="elements"/>
        </xsl:when>
        <xsl:otherwise>
          <xsl:apply-templates select="." mode="elements"/>
        </xsl:otherwise>
      </xsl:choose>
    </xsl:variable>
    <xsl:call-template name="container">
      <xsl:with-param name="elements" select="$elements"/>
    </xsl:call-template>
  </xsl:template>

  <xsl:template match="marc:record" mode="elements">
    <xsl:call-template name="titles"/>
    <xsl:call-template name="names"/>
    <xsl:call-template name="subjects"/>
    <xsl:call-template name="descriptions"/>
    <xsl:call-template name="publishers-and-dates"/>
    <xsl:call-template name="types"/>
    <xsl:call-template name="formats"/>
    <xsl:call-template name="identifiers"/>
    <xsl:for-each select="key('field', '786')">
      <dc:source><xsl:value-of select="m:text(., 'ot')"/></dc:source>
    </xsl:for-each>
    <xsl:for-each select="key('field', '534')">
      <dc:source><xsl:value-of select="m:text(., 't')"/></dc:source>
    </xsl:for-each>
    <xsl:call-template name="languages"/>
    <xsl:call-template name="relations"/>
    <xsl:call-template name="coverages"/>
    <xsl:call-template name="rights"/>
    <xsl:call-template name="further-terms"/>
  </xsl:template>

  <xsl:template name="titles">
    <xsl:for-each select="key('field', '245')">
      <dc:title><xsl:value-of select="m:title(.)"/></dc:title>
    </xsl:for-each>
    <xsl:for-each select="key('field', '246')">
      <dc:title term="alternative"><xsl:value-of select="m:text(., 'abnp')"/></dc:title>
    </xsl:for-each>
    <xsl:for-each select="key('field', '130') | key('field', '240')">
      <dc:title term="alternative"><xsl:value-of select="m:text(., 'adfklmnoprs')"/></dc:title>
    </xsl:for-each>
    <xsl:for-each select="key('field', '740')">
      <dc:title term="alternative"><xsl:value-of select="m:text(., 'anp')"/></dc:title>
    </xsl:for-each>
  </xsl:template>

  <xsl:template name="names">
    <xsl:variable name="main" select="key('field', '100') | key('field', '110') | key('field', '111')"/>
    <xsl:variable name="added" select="(key('field', '700') | key('field', '710') | key('field', '711') | key('field', '720'))[not(marc:subfield[@code = 't'])]"/>
    <xsl:for-each select="$main">
      <dc:creator><xsl:call-template name="authority"/><xsl:value-of select="m:name(.)"/></dc:creator>
    </xsl:for-each>
    <xsl:for-each select="$added[m:is-creator(., $main)]">
      <dc:creator><xsl:call-template name="authority"/><xsl:value-of select="m:name(.)"/></dc:creator>
    </xsl:for-each>
    <xsl:for-each select="$added[not(m:is-creator(., $main))]">
      <dc:contributor><xsl:call-template name="authority"/><xsl:value-of select="m:name(.)"/></dc:contributor>
    </xsl:for-each>
  </xsl:template>

  <xsl:template name="subjects">
    <xsl:for-each select="key('field', '600') | key('field', '610') | key('field', '611') | key('field', '630') | key('field', '648') | key('field', '650') | key('field', '651') | key('field', '653') | key('field', '654') | key('field', '656') | key('field', '657')">
      <dc:subject><xsl:call-template name="authority"/><xsl:value-of select="m:heading(., 'abcdfgklmnopqrst')"/></dc:subject>
    </xsl:for-each>
  </xsl:template>

  <xsl:template name="descriptions">
    <xsl:for-each select="key('field', '520')">
      <dc:description term="abstract"><xsl:value-of select="m:text(., 'ab')"/></dc:description>
    </xsl:for-each>
    <xsl:for-each select="key('field', '505')">
      <dc:description term="tableOfContents"><xsl:value-of select="m:text(., 'agrt')"/></dc:description>
    </xsl:for-each>
    <xsl:for-each select="key('field', '500') | key('field', '502') | key('field', '504') | key('field', '508') | key('field', '511') | key('field', '515') | key('field', '518') | key('field', '521') | key('field', '525') | key('field', '545') | key('field', '550') | key('field', '555') | key('field', '586') | key('field', '588')">
      <dc:description><xsl:value-of select="m:text(., 'a')"/></dc:description>
    </xsl:for-each>
  </xsl:template>

  <xsl:template name="publishers-and-dates">
    <xsl:variable name="imprints" select="key('field', '260') | key('field', '264')[@ind2 = '1' or @ind2 = ' ']"/>
    <xsl:for-each select="$imprints/marc:subfield[@code = 'b']">
      <dc:publisher><xsl:value-of select="m:known(m:chop(normalize-space(translate(., $marks, ''))))"/></dc:publisher>
    </xsl:for-each>
    <xsl:variable name="dates" select="$imprints[not(@tag = '264') or @ind2 = '1'][m:years(m:join(., 'c')) != '']"/>
    <xsl:variable name="fixed" select="substring(marc:controlfield[@tag = '008'], 8, 4)"/>
    <xsl:for-each select="$dates">
      <dc:date term="issued"><xsl:value-of select="m:years(m:join(., 'c'))"/></dc:date>
    </xsl:for-each>
    <xsl:if test="not($dates) and string-length($fixed) = 4 and translate($fixed, '0123456789', '') = ''">
      <dc:date term="issued"><xsl:value-of select="$fixed"/></dc:date>
    </xsl:if>
  </xsl:template>

  <!-- Leader/06 and /07 to the DCMI type vocabulary, then content types and genres in the record's own words. -->
  <xsl:template name="types">
    <xsl:variable name="type" select="substring(marc:leader, 7, 1)"/>
    <dc:type>
      <xsl:choose>
        <xsl:when test="contains('atcd', $type)">Text</xsl:when>
        <xsl:when test="contains('ef', $type)">Image</xsl:when>
        <xsl:when test="$type = 'g'">MovingImage</xsl:when>
        <xsl:when test="contains('ij', $type)">Sound</xsl:when>
        <xsl:when test="$type = 'k'">StillImage</xsl:when>
        <xsl:when test="$type = 'm'">Software</xsl:when>
        <xsl:when test="$type = 'o'">InteractiveResource</xsl:when>
        <xsl:when test="$type = 'p'">Collection</xsl:when>
        <xsl:when test="$type = 'r'">PhysicalObject</xsl:when>
      </xsl:choose>
    </dc:type>
    <xsl:if test="contains('cd', $type)"><dc:type>notated music</dc:type></xsl:if>
    <xsl:if test="contains('ef', $type)"><dc:type>cartographic</dc:type></xsl:if>
    <xsl:if test="substring(marc:leader, 8, 1) = 'c'"><dc:type>Collection</dc:type></xsl:if>
    <xsl:for-each select="key('field', '336')">
      <dc:type><xsl:value-of select="m:text(., 'a')"/></dc:type>
    </xsl:for-each>
    <xsl:for-each select="key('field', '655')">
      <dc:type><xsl:call-template name="authority"/><xsl:value-of select="m:text(., 'a')"/></dc:type>
    </xsl:for-each>
  </xsl:template>

  <xsl:template name="formats">
    <xsl:for-each select="key('field', '300')">
      <dc:format><xsl:value-of select="m:text(., 'abce')"/></dc:format>
    </xsl:for-each>
    <xsl:for-each select="key('field', '338')">
      <dc:format><xsl:value-of select="m:text(., 'a')"/></dc:format>
    </xsl:for-each>
    <xsl:for-each select="key('field', '856')">
      <dc:format><xsl:value-of select="m:text(., 'q')"/></dc:format>
    </xsl:for-each>
  </xsl:template>

  <xsl:template name="identifiers">
    <dc:identifier><xsl:value-of select="$record_url"/></dc:identifier>
    <xsl:for-each select="key('field', '020')/marc:subfield[@code = 'a']">
      <dc:identifier><xsl:value-of select="m:after('URN:ISBN:', m:isbn(.))"/></dc:identifier>
    </xsl:for-each>
    <xsl:for-each select="key('field', '022')/marc:subfield[@code = 'a']">
      <dc:identifier><xsl:value-of select="m:after('URN:ISSN:', m:issn(.))"/></dc:identifier>
    </xsl:for-each>
    <xsl:for-each select="key('field', '024')[@ind1 = '7']/marc:subfield[@code = 'a']">
      <xsl:variable name="source" select="m:lower(normalize-space(../marc:subfield[@code = '2']))"/>
      <xsl:variable name="given" select="normalize-space(translate(., $marks, ''))"/>
      <xsl:variable name="prefix" select="concat($source, ':')"/>
      <xsl:variable name="value" select="normalize-space(substring($given, 1 + string-length($prefix) * ($source != 'urn' and starts-with(m:lower($given), $prefix))))"/>
      <xsl:variable name="is-uri" select="contains($value, '://') or starts-with(m:lower($value), 'urn:')"/>
      <dc:identifier>
        <xsl:choose>
          <xsl:when test="$value = '' or not(contains('|doi|hdl|urn|', concat('|', $source, '|')))"/>
          <xsl:when test="$is-uri"><xsl:value-of select="$value"/></xsl:when>
          <xsl:when test="$source = 'doi'"><xsl:value-of select="concat('https://doi.org/', $value)"/></xsl:when>
          <xsl:when test="$source = 'hdl'"><xsl:value-of select="concat('https://hdl.handle.net/', $value)"/></xsl:when>
          <xsl:otherwise><xsl:value-of select="concat('urn:', $value)"/></xsl:otherwise>
        </xsl:choose>
      </dc:identifier>
    </xsl:for-each>
    <xsl:for-each select="key('field', '856')[@ind2 != '2']/marc:subfield[@code = 'u']">
      <dc:identifier><xsl:value-of select="normalize-space(translate(., $marks, ''))"/></dc:identifier>
    </xsl:for-each>
  </xsl:template>

  <xsl:template name="languages">
    <xsl:variable name="main" select="substring(marc:controlfield[@tag = '008'], 36, 3)"/>
    <xsl:if test="m:is-code($main) and not(contains('|zxx|und|mul|', concat('|', $main, '|')))">
      <dc:language><xsl:value-of select="$main"/></dc:language>
    </xsl:if>
    <xsl:for-each select="key('field', '041')[@ind2 != '7']/marc:subfield[@code = 'a']">
      <xsl:call-template name="packed-languages">
        <xsl:with-param name="codes" select="normalize-space(translate(., $marks, ''))"/>
      </xsl:call-template>
    </xsl:for-each>
  </xsl:template>

  <!-- With second indicator 7 the codes of 041 are of another list than MARC's. Older records write all languages into one subfield: "engfreger". -->
  <xsl:template name="packed-languages">
    <xsl:param name="codes"/>
    <xsl:if test="m:is-code(substring($codes, 1, 3))">
      <dc:language><xsl:value-of select="substring($codes, 1, 3)"/></dc:language>
      <xsl:call-template name="packed-languages">
        <xsl:with-param name="codes" select="substring($codes, 4)"/>
      </xsl:call-template>
    </xsl:if>
  </xsl:template>

  <xsl:template name="relations">
    <xsl:for-each select="key('field', '760') | key('field', '762') | key('field', '765') | key('field', '767') | key('field', '770') | key('field', '772') | key('field', '773') | key('field', '774') | key('field', '775') | key('field', '776') | key('field', '777') | key('field', '780') | key('field', '785') | key('field', '786') | key('field', '787')">
      <xsl:variable name="term" select="substring('isPartOf', 1, 8 * (@tag = '773'))"/>
      <dc:relation term="{$term}"><xsl:value-of select="m:text(., 'at')"/></dc:relation>
      <xsl:for-each select="marc:subfield[@code = 'x']">
        <dc:relation term="{$term}"><xsl:value-of select="m:after('URN:ISSN:', m:issn(.))"/></dc:relation>
      </xsl:for-each>
      <xsl:for-each select="marc:subfield[@code = 'z']">
        <dc:relation term="{$term}"><xsl:value-of select="m:after('URN:ISBN:', m:isbn(.))"/></dc:relation>
      </xsl:for-each>
    </xsl:for-each>
    <xsl:variable name="traced" select="key('field', '830')"/>
    <xsl:for-each select="key('field', '490')[@ind1 != '1' or not($traced)] | $traced">
      <dc:relation term="isPartOf"><xsl:value-of select="m:text(., 'av')"/></dc:relation>
    </xsl:for-each>
    <xsl:for-each select="(key('field', '700') | key('field', '710') | key('field', '711'))[marc:subfield[@code = 't']]">
      <dc:relation><xsl:value-of select="m:text(., 'abcdfgklmnopqrst')"/></dc:relation>
    </xsl:for-each>
    <xsl:for-each select="key('field', '530')">
      <dc:relation><xsl:value-of select="m:text(., 'a')"/></dc:relation>
    </xsl:for-each>
    <xsl:for-each select="key('field', '856')[@ind2 = '2']/marc:subfield[@code = 'u']">
      <dc:relation><xsl:value-of select="normalize-space(translate(., $marks, ''))"/></dc:relation>
    </xsl:for-each>
  </xsl:template>

  <xsl:template name="coverages">
    <xsl:for-each select="key('field', '751')">
      <dc:coverage term="spatial"><xsl:call-template name="authority"/><xsl:value-of select="m:text(., 'a')"/></dc:coverage>
    </xsl:for-each>
    <xsl:for-each select="key('field', '752')">
      <dc:coverage term="spatial"><xsl:value-of select="m:dashed(., 'abcd')"/></dc:coverage>
    </xsl:for-each>
    <xsl:for-each select="key('field', '651')">
      <dc:coverage term="spatial"><xsl:call-template name="authority"/><xsl:value-of select="m:text(., 'a')"/></dc:coverage>
    </xsl:for-each>
    <xsl:for-each select="key('field', '522')">
      <dc:coverage term="spatial"><xsl:value-of select="m:text(., 'a')"/></dc:coverage>
    </xsl:for-each>
  </xsl:template>

  <xsl:template name="rights">
    <xsl:for-each select="key('field', '506')">
      <dc:rights term="accessRights"><xsl:value-of select="m:text(., 'a')"/></dc:rights>
    </xsl:for-each>
    <xsl:for-each select="key('field', '540')">
      <dc:rights><xsl:value-of select="m:text(., 'au')"/></dc:rights>
    </xsl:for-each>
    <xsl:for-each select="key('field', '542')[@ind1 != '0']">
      <dc:rights><xsl:value-of select="m:text(., 'df')"/></dc:rights>
    </xsl:for-each>
  </xsl:template>
</xsl:stylesheet>
