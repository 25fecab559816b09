<?xml version="1.0" encoding="UTF-8"?>
<!--
  UNIMARC (MARCXML) to simple Dublin Core. Elements come in the order of the templates below. Parameters: see dc-container.xsl.
-->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:marc="http://www.loc.gov/MARC21/slim"
    xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:m="urn:x-discovery:marc" exclude-result-prefixes="marc m">
  <xsl:import href="marc-text.xsl"/>
  <xsl:import href="unimarc-parts.xsl"/>
  <xsl:import href="dc-container.xsl"/>

  <xsl:template match="/marc:record">
    <xsl:variable name="elements">
      <xsl:call-template name="titles"/>
      <xsl:call-template name="names"/>
      <xsl:for-each select="key('field', '600') | key('field', '601') | key('field', '602') | key('field', '604') | key('field', '605') | key('field', '606')
          | key('field', '607') | key('field', '608') | key('field', '610') | key('field', '616')">
        <dc:subject><xsl:call-template name="authority"/><xsl:value-of select="m:unimarc-heading(.)"/></dc:subject>
      </xsl:for-each>
      <xsl:call-template name="descriptions"/>
      <xsl:call-template name="publishers-and-dates"/>
      <xsl:call-template name="types"/>
      <xsl:call-template name="formats"/>
      <xsl:call-template name="identifiers"/>
      <xsl:for-each select="key('field', '101')/marc:subfield[@code = 'a'][m:is-code(normalize-space(translate(., $marks, '')))]">
        <dc:language><xsl:value-of select="normalize-space(translate(., $marks, ''))"/></dc:language>
      </xsl:for-each>
      <xsl:call-template name="relations"/>
      <xsl:for-each select="key('field', '607')">
        <dc:coverage term="spatial"><xsl:call-template name="authority"/><xsl:value-of select="m:text(., 'a')"/></dc:coverage>
      </xsl:for-each>
      <xsl:for-each select="key('field', '660') | key('field', '661')">
        <dc:coverage term="{substring('spatialtemporal', 1 + 7 * (@tag = '661'), 7 + (@tag = '661'))}"><xsl:value-of select="m:text(., 'a')"/></dc:coverage>
      </xsl:for-each>
      <xsl:for-each select="key('field', '123')">
        <dc:coverage term="spatial"><xsl:value-of select="m:text(., 'defg')"/></dc:coverage>
      </xsl:for-each>
      <xsl:for-each select="key('field', '371')">
        <dc:rights><xsl:value-of select="m:text(., 'a')"/></dc:rights>
      </xsl:for-each>
      <xsl:for-each select="key('field', '324')">
        <dc:source><xsl:value-of select="m:text(., 'a')"/></dc:source>
      </xsl:for-each>
      <xsl:for-each select="key('field', '455')">
        <dc:source><xsl:value-of select="m:linked(., 't')"/></dc:source>
      </xsl:for-each>
      <xsl:call-template name="further-terms"/>
    </xsl:variable>
    <xsl:call-template name="container">
      <xsl:with-param name="elements" select="$elements"/>
    </xsl:call-template>
  </xsl:template>

  <!-- 200: every $a begins a title of its own, $e, $h and $i that follow it belong to it. -->
  <xsl:template name="titles">
    <xsl:for-each select="key('field', '200')/marc:subfield[@code = 'a']">
      <xsl:variable name="own" select="generate-id()"/>
      <xsl:variable name="title">
        <xsl:value-of select="m:chop(normalize-space(translate(., $marks, '')))"/>
        <xsl:for-each select="following-sibling::marc:subfield[contains('ehi', @code)][generate-id(preceding-sibling::marc:subfield[@code = 'a'][1]) = $own]">
          <xsl:value-of select="m:after(substring(' : . ', 1 + 3 * (@code != 'e'), 3 - (@code != 'e')), m:chop(normalize-space(translate(., $marks, ''))))"/>
        </xsl:for-each>
      </xsl:variable>
      <dc:title><xsl:value-of select="m:without-start(m:without-start($title, ' : '), '. ')"/></dc:title>
    </xsl:for-each>
    <xsl:for-each select="key('field', '500')">
      <dc:title term="alternative"><xsl:value-of select="m:text(., 'a')"/></dc:title>
    </xsl:for-each>
    <xsl:for-each select="key('field', '510') | key('field', '512') | key('field', '517') | key('field', '540') | key('field', '541')">
      <dc:title term="alternative"><xsl:value-of select="m:without-start(concat(m:text(., 'a'), m:after(' : ', m:text(., 'e'))), ' : ')"/></dc:title>
    </xsl:for-each>
  </xsl:template>

  <xsl:template name="names">
    <xsl:variable name="shared" select="key('field', '701') | key('field', '711')"/>
    <xsl:for-each select="key('field', '700') | key('field', '710') | key('field', '720') | key('field', '721') | $shared[m:is-author(.)]">
      <dc:creator><xsl:call-template name="authority"/><xsl:value-of select="m:person(., 'abd')"/></dc:creator>
    </xsl:for-each>
    <xsl:for-each select="key('field', '702') | key('field', '712') | key('field', '722') | $shared[not(m:is-author(.))]">
      <dc:contributor><xsl:call-template name="authority"/><xsl:value-of select="m:person(., 'abd')"/></dc:contributor>
    </xsl:for-each>
  </xsl:template>

  <xsl:template name="descriptions">
    <xsl:for-each select="key('field', '330')">
      <dc:description term="abstract"><xsl:value-of select="m:text(., 'a')"/></dc:description>
    </xsl:for-each>
    <xsl:for-each select="key('field', '327')">
      <dc:description term="tableOfContents"><xsl:value-of select="m:text(., 'ab')"/></dc:description>
    </xsl:for-each>
    <xsl:for-each select="key('field', '300') | key('field', '301') | key('field', '302') | key('field', '303') | key('field', '305') | key('field', '307')
        | key('field', '308') | key('field', '310') | key('field', '311') | key('field', '313') | key('field', '314') | key('field', '316') | key('field', '318')
        | key('field', '320') | key('field', '323') | key('field', '325') | key('field', '328') | key('field', '336') | key('field', '337')">
      <dc:description><xsl:value-of select="m:text(., 'a')"/></dc:description>
    </xsl:for-each>
  </xsl:template>

  <xsl:template name="publishers-and-dates">
    <xsl:variable name="imprints" select="key('field', '210') | key('field', '214')[@ind2 = '0']"/>
    <xsl:variable name="dates" select="$imprints[m:years(m:join(., 'd')) != '']"/>
    <xsl:variable name="fixed" select="substring(key('field', '100')/marc:subfield[@code = 'a'], 10, 4)"/>
    <xsl:for-each select="$imprints/marc:subfield[@code = 'c']">
      <dc:publisher><xsl:value-of select="m:known(m:chop(normalize-space(translate(., $marks, ''))))"/></dc:publisher>
    </xsl:for-each>
    <xsl:for-each select="$dates">
      <dc:date term="issued"><xsl:value-of select="m:years(m:join(., 'd'))"/></dc:date>
    </xsl:for-each>
    <xsl:if test="not($dates) and string-length($fixed) = 4 and translate($fixed, '0123456789', '') = ''">
      <dc:date term="issued"><xsl:value-of select="$fixed"/></dc:date>
    </xsl:if>
  </xsl:template>

  <!-- UNIMARC's own codes in leader/06: a and b are texts, l is electronic, m is multimedia. -->
  <xsl:template name="types">
    <xsl:variable name="type" select="substring(marc:leader, 7, 1)"/>
    <dc:type>
      <xsl:choose>
        <xsl:when test="contains('abcd', $type)">Text</xsl:when>
        <xsl:when test="contains('ef', $type)">Image</xsl:when>
        <xsl:when test="$type = 'g'">MovingImage</xsl:when>
        <xsl:when test="contains('ij', $type)">Sound</xsl:when>
        <xsl:when test="$type = 'k'">StillImage</xsl:when>
        <xsl:when test="$type = 'l'">Software</xsl:when>
        <xsl:when test="$type = 'm'">InteractiveResource</xsl:when>
        <xsl:when test="$type = 'r'">PhysicalObject</xsl:when>
      </xsl:choose>
    </dc:type>
    <xsl:if test="substring(marc:leader, 8, 1) = 'c'"><dc:type>Collection</dc:type></xsl:if>
    <xsl:for-each select="key('field', '200')">
      <dc:type><xsl:value-of select="normalize-space(translate(m:text(., 'b'), '[]', ''))"/></dc:type>
    </xsl:for-each>
    <xsl:for-each select="key('field', '608')">
      <dc:type><xsl:call-template name="authority"/><xsl:value-of select="m:text(., 'a')"/></dc:type>
    </xsl:for-each>
    <xsl:for-each select="key('field', '181')">
      <dc:type><xsl:value-of select="m:text(., 'c')"/></dc:type>
    </xsl:for-each>
  </xsl:template>

  <xsl:template name="formats">
    <xsl:for-each select="key('field', '215')">
      <dc:format><xsl:value-of select="m:text(., 'acde')"/></dc:format>
    </xsl:for-each>
    <xsl:for-each select="key('field', '230')">
      <dc:format><xsl:value-of select="m:text(., 'a')"/></dc:format>
    </xsl:for-each>
    <xsl:for-each select="key('field', '856')">
      <dc:format><xsl:value-of select="m:text(., 'q')"/></dc:format>
    </xsl:for-each>
  </xsl:template>

  <xsl:template name="identifiers">
    <dc:identifier><xsl:value-of select="$record_url"/></dc:identifier>
    <xsl:for-each select="key('field', '010')/marc:subfield[@code = 'a']">
      <dc:identifier><xsl:value-of select="m:after('URN:ISBN:', m:isbn(.))"/></dc:identifier>
    </xsl:for-each>
    <xsl:for-each select="key('field', '011')/marc:subfield[@code = 'a']">
      <dc:identifier><xsl:value-of select="m:after('URN:ISSN:', m:issn(.))"/></dc:identifier>
    </xsl:for-each>
    <xsl:for-each select="key('field', '013') | key('field', '014') | key('field', '015') | key('field', '016') | key('field', '017')">
      <dc:identifier><xsl:value-of select="m:join(., 'a')"/></dc:identifier>
    </xsl:for-each>
    <xsl:for-each select="key('field', '856')[@ind2 != '2']/marc:subfield[@code = 'u']">
      <dc:identifier><xsl:value-of select="normalize-space(translate(., $marks, ''))"/></dc:identifier>
    </xsl:for-each>
  </xsl:template>

  <xsl:template name="relations">
    <xsl:for-each select="key('field', '225')">
      <dc:relation term="isPartOf"><xsl:value-of select="m:text(., 'av')"/></dc:relation>
    </xsl:for-each>
    <xsl:for-each select="marc:datafield[starts-with(@tag, '4') and translate(@tag, '0123456789', '') = '' and @tag != '455']">
      <xsl:variable name="term" select="substring('isPartOf', 1, 8 * contains('410 461 462 463', @tag))"/>
      <dc:relation term="{$term}"><xsl:value-of select="m:linked(., 't')"/></dc:relation>
      <dc:relation term="{$term}"><xsl:value-of select="m:after('URN:ISSN:', m:issn(m:linked(., 'x')))"/></dc:relation>
      <dc:relation term="{$term}"><xsl:value-of select="m:after('URN:ISBN:', m:isbn(m:linked(., 'y')))"/></dc:relation>
    </xsl:for-each>
    <xsl:for-each select="key('field', '856')[@ind2 = '2']/marc:subfield[@code = 'u']">
      <dc:relation><xsl:value-of select="normalize-space(translate(., $marks, ''))"/></dc:relation>
    </xsl:for-each>
  </xsl:template>
</xsl:stylesheet>
