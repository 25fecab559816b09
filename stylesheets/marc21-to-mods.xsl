<?xml version="1.0" encoding="UTF-8"?>
<!--
  MARC 21 (MARCXML) to MODS 3.7. Top elements come in the order of the templates called in `elements`; fields 880 count as
  fields of the tag they are linked to. Subjects, related records and record information stand in marc21-mods-links.xsl.
-->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:marc="http://www.loc.gov/MARC21/slim"
    xmlns="http://www.loc.gov/mods/v3" xmlns:m="urn:x-discovery:marc" xmlns:exsl="http://exslt.org/common"
    extension-element-prefixes="exsl" exclude-result-prefixes="marc m">
  <xsl:import href="marc-text.xsl"/>
  <xsl:import href="marc21-record.xsl"/>
  <xsl:import href="marc21-parts.xsl"/>
  <xsl:import href="mods-parts.xsl"/>
  <xsl:import href="marc21-mods-links.xsl"/>

  <xsl:variable name="type" select="substring(/marc:record/marc:leader, 7, 1)"/>
  <xsl:variable name="level" select="substring(/marc:record/marc:leader, 8, 1)"/>
  <xsl:variable name="fixed" select="/marc:record/marc:controlfield[@tag = '008']"/>

  <xsl:template match="/marc:record">
    <xsl:variable name="arranged">
      <xsl:apply-templates select="." mode="arrange"/>
    </xsl:variable>
    <xsl:variable name="elements">
      <xsl:apply-templates select="exsl:node-set($arranged)/marc:record" mode="elements"/>
    </xsl:variable>
    <xsl:call-template name="mods">
      <xsl:with-param name="elements" select="$elements"/>
    </xsl:call-template>
  </xsl:template>

  <xsl:template match="marc:record" mode="elements">
    <xsl:call-template name="titles"/>
    <xsl:apply-templates select="key('field', '100') | key('field', '110') | key('field', '111')" mode="name">
      <xsl:with-param name="usage" select="'primary'"/>
    </xsl:apply-templates>
    <xsl:apply-templates select="(key('field', '700') | key('field', '710') | key('field', '711') | key('field', '720'))[not(marc:subfield[@code = 't'])]" mode="name"/>
    <xsl:call-template name="types"/>
    <xsl:call-template name="origins"/>
    <xsl:call-template name="languages"/>
    <xsl:call-template name="physical-description"/>
    <xsl:for-each select="key('field', '520')">
      <abstract><xsl:value-of select="m:join(., 'ab')"/></abstract>
    </xsl:for-each>
    <xsl:for-each select="key('field', '505')">
      <tableOfContents><xsl:value-of select="m:join(., 'agrt')"/></tableOfContents>
    </xsl:for-each>
    <xsl:call-template name="audiences"/>
    <xsl:call-template name="notes"/>
    <xsl:call-template name="subjects"/>
    <xsl:call-template name="classifications"/>
    <xsl:call-template name="locations"/>
    <xsl:call-template name="related-items"/>
    <xsl:call-template name="identifiers"/>
    <xsl:for-each select="key('field', '506')">
      <accessCondition type="restriction on access"><xsl:value-of select="m:join(., 'abcd')"/></accessCondition>
    </xsl:for-each>
    <xsl:for-each select="key('field', '540')">
      <accessCondition type="use and reproduction"><xsl:value-of select="m:join(., 'abcdu')"/></accessCondition>
    </xsl:for-each>
    <xsl:call-template name="record-info"/>
  </xsl:template>

  <xsl:template name="titles">
    <xsl:for-each select="key('field', '245')">
      <titleInfo>
        <xsl:call-template name="main-title"/>
        <subTitle><xsl:value-of select="m:text(., 'b')"/></subTitle>
        <xsl:call-template name="parts"/>
      </titleInfo>
    </xsl:for-each>
    <xsl:for-each select="key('field', '210')">
      <titleInfo type="abbreviated"><title><xsl:value-of select="m:text(., 'a')"/></title><subTitle><xsl:value-of select="m:text(., 'b')"/></subTitle></titleInfo>
    </xsl:for-each>
    <xsl:for-each select="key('field', '242')">
      <titleInfo type="translated">
        <xsl:if test="m:is-code(normalize-space(marc:subfield[@code = 'y']))">
          <xsl:attribute name="lang"><xsl:value-of select="normalize-space(marc:subfield[@code = 'y'])"/></xsl:attribute>
        </xsl:if>
        <title><xsl:value-of select="m:text(., 'a')"/></title>
        <subTitle><xsl:value-of select="m:text(., 'b')"/></subTitle>
        <xsl:call-template name="parts"/>
      </titleInfo>
    </xsl:for-each>
    <xsl:for-each select="key('field', '246')">
      <titleInfo type="alternative" displayLabel="{m:text(., 'i')}">
        <title><xsl:value-of select="m:text(., 'af')"/></title>
        <subTitle><xsl:value-of select="m:text(., 'b')"/></subTitle>
        <xsl:call-template name="parts"/>
      </titleInfo>
    </xsl:for-each>
    <xsl:for-each select="key('field', '130') | key('field', '240') | key('field', '730')[@ind2 != '2']">
      <titleInfo type="uniform">
        <title><xsl:value-of select="m:text(., 'adfgklmorst')"/></title>
        <xsl:call-template name="parts"/>
      </titleInfo>
    </xsl:for-each>
  </xsl:template>

  <!-- What is not filed of 245 is its own element: between marks (U+0098/U+009C or U+0088/U+0089), or as many characters as indicator 2 says. -->
  <xsl:template name="main-title">
    <xsl:variable name="raw" select="translate(string(marc:subfield[@code = 'a'][1]), '&#x88;&#x89;', '&#x98;&#x9C;')"/>
    <xsl:variable name="skip" select="number(translate(@ind2, ' ', '0'))"/>
    <xsl:variable name="head" select="substring($raw, $skip, 1)"/>
    <xsl:choose>
      <xsl:when test="starts-with($raw, '&#x98;') and contains($raw, '&#x9C;')">
        <nonSort><xsl:value-of select="normalize-space(substring-before(substring($raw, 2), '&#x9C;'))"/></nonSort>
        <title><xsl:value-of select="m:chop(normalize-space(concat(translate(substring-after($raw, '&#x9C;'), $marks, ''), ' ', m:join(., 'fgks'))))"/></title>
      </xsl:when>
      <xsl:when test="$skip &gt; 0 and $skip &lt; string-length($raw) and contains(&quot; '-&#x2019;[&quot;, $head)">
        <nonSort><xsl:value-of select="normalize-space(substring($raw, 1, $skip))"/></nonSort>
        <title><xsl:value-of select="m:chop(normalize-space(concat(translate(substring($raw, $skip + 1), $marks, ''), ' ', m:join(., 'fgks'))))"/></title>
      </xsl:when>
      <xsl:otherwise>
        <title><xsl:value-of select="m:text(., 'afgks')"/></title>
      </xsl:otherwise>
    </xsl:choose>
  </xsl:template>

  <xsl:template name="parts">
    <xsl:for-each select="marc:subfield[@code = 'n']">
      <partNumber><xsl:value-of select="m:chop(normalize-space(translate(., $marks, '')))"/></partNumber>
    </xsl:for-each>
    <xsl:for-each select="marc:subfield[@code = 'p']">
      <partName><xsl:value-of select="m:chop(normalize-space(translate(., $marks, '')))"/></partName>
    </xsl:for-each>
  </xsl:template>

  <xsl:template match="marc:datafield" mode="name">
    <xsl:param name="usage" select="''"/>
    <name usage="{$usage}" valueURI="{m:value-uri(., '01')}">
      <xsl:attribute name="type"><xsl:value-of select="m:kind-of-name(.)"/></xsl:attribute>
      <xsl:call-template name="name-parts"/>
      <xsl:for-each select="marc:subfield[@code = 'u']">
        <affiliation><xsl:value-of select="normalize-space(.)"/></affiliation>
      </xsl:for-each>
      <xsl:call-template name="roles"/>
      <xsl:for-each select="marc:subfield[@code = '0'][not(m:is-uri(normalize-space(.)))]">
        <nameIdentifier><xsl:value-of select="normalize-space(.)"/></nameIdentifier>
      </xsl:for-each>
    </name>
  </xsl:template>

  <xsl:template name="roles">
    <xsl:for-each select="marc:subfield[@code = '4']">
      <role><roleTerm type="code" authority="marcrelator"><xsl:value-of select="m:relator(.)"/></roleTerm></role>
    </xsl:for-each>
    <xsl:for-each select="marc:subfield[@code = 'e' and substring(../@tag, 2) != '11'] | marc:subfield[@code = 'j' and substring(../@tag, 2) = '11']">
      <role><roleTerm type="text"><xsl:value-of select="m:chop(normalize-space(translate(., $marks, '')))"/></roleTerm></role>
    </xsl:for-each>
  </xsl:template>

  <xsl:template name="types">
    <typeOfResource>
      <xsl:if test="$level = 'c'"><xsl:attribute name="collection">yes</xsl:attribute></xsl:if>
      <xsl:if test="contains('dfpt', $type)"><xsl:attribute name="manuscript">yes</xsl:attribute></xsl:if>
      <xsl:choose>
        <xsl:when test="contains('at', $type)">text</xsl:when>
        <xsl:when test="contains('ef', $type)">cartographic</xsl:when>
        <xsl:when test="contains('cd', $type)">notated music</xsl:when>
        <xsl:when test="$type = 'i'">sound recording-nonmusical</xsl:when>
        <xsl:when test="$type = 'j'">sound recording-musical</xsl:when>
        <xsl:when test="$type = 'k'">still image</xsl:when>
        <xsl:when test="$type = 'g'">moving image</xsl:when>
        <xsl:when test="$type = 'r'">three dimensional object</xsl:when>
        <xsl:when test="$type = 'm'">software, multimedia</xsl:when>
        <xsl:when test="contains('op', $type)">mixed material</xsl:when>
      </xsl:choose>
    </typeOfResource>
    <xsl:for-each select="key('field', '655')">
      <genre authority="{normalize-space(marc:subfield[@code = '2'][1])}"><xsl:value-of select="m:heading(., 'a')"/></genre>
    </xsl:for-each>
  </xsl:template>

  <xsl:template name="origins">
    <xsl:variable name="kind" select="substring($fixed, 7, 1)"/>
    <xsl:variable name="country" select="normalize-space(translate(substring($fixed, 16, 3), '|', ''))"/>
    <xsl:variable name="published" select="key('field', '260') | key('field', '264')[@ind2 = '1' or @ind2 = ' ']"/>
    <originInfo>
      <place><placeTerm type="code" authority="marccountry"><xsl:value-of select="$country"/></placeTerm></place>
      <xsl:for-each select="$published">
        <xsl:call-template name="imprint"/>
      </xsl:for-each>
      <xsl:call-template name="fixed-date">
        <xsl:with-param name="date" select="substring($fixed, 8, 4)"/>
        <xsl:with-param name="point" select="substring('start', 1, 5 * contains('cdmuikq', $kind))"/>
      </xsl:call-template>
      <xsl:if test="contains('cdmuikq', $kind)">
        <xsl:call-template name="fixed-date">
          <xsl:with-param name="date" select="substring($fixed, 12, 4)"/>
          <xsl:with-param name="point" select="'end'"/>
        </xsl:call-template>
      </xsl:if>
      <xsl:for-each select="key('field', '264')[@ind2 = '4']">
        <copyrightDate><xsl:value-of select="m:text(., 'c')"/></copyrightDate>
      </xsl:for-each>
      <xsl:for-each select="key('field', '250')">
        <edition><xsl:value-of select="m:text(., 'ab')"/></edition>
      </xsl:for-each>
      <issuance>
        <xsl:choose>
          <xsl:when test="contains('acdm', $level)">monographic</xsl:when>
          <xsl:when test="$level = 'b'">continuing</xsl:when>
          <xsl:when test="$level = 'i'">integrating resource</xsl:when>
          <xsl:when test="$level = 's'">serial</xsl:when>
        </xsl:choose>
      </issuance>
      <xsl:for-each select="key('field', '310')">
        <frequency><xsl:value-of select="m:text(., 'ab')"/></frequency>
      </xsl:for-each>
    </originInfo>
    <xsl:for-each select="key('field', '264')[@ind2 = '0' or @ind2 = '2' or @ind2 = '3']">
      <originInfo>
        <xsl:attribute name="eventType">
          <xsl:choose>
            <xsl:when test="@ind2 = '0'">production</xsl:when>
            <xsl:when test="@ind2 = '2'">distribution</xsl:when>
            <xsl:otherwise>manufacture</xsl:otherwise>
          </xsl:choose>
        </xsl:attribute>
        <xsl:call-template name="imprint"/>
      </originInfo>
    </xsl:for-each>
  </xsl:template>

  <xsl:template name="imprint">
    <xsl:for-each select="marc:subfield[@code = 'a']">
      <place><placeTerm type="text"><xsl:value-of select="m:known(m:chop(normalize-space(translate(., $marks, ''))))"/></placeTerm></place>
    </xsl:for-each>
    <xsl:for-each select="marc:subfield[@code = 'b']">
      <publisher><xsl:value-of select="m:known(m:chop(normalize-space(translate(., $marks, ''))))"/></publisher>
    </xsl:for-each>
    <xsl:for-each select="marc:subfield[@code = 'c']">
      <dateIssued><xsl:value-of select="m:known(m:chop(normalize-space(translate(., $marks, ''))))"/></dateIssued>
    </xsl:for-each>
  </xsl:template>

  <!-- A year of 008: digits, or u for those that are not known. -->
  <xsl:template name="fixed-date">
    <xsl:param name="date"/>
    <xsl:param name="point"/>
    <xsl:if test="string-length($date) = 4 and translate($date, '0123456789u', '') = '' and translate($date, 'u', '') != ''">
      <dateIssued encoding="marc" point="{$point}"><xsl:value-of select="$date"/></dateIssued>
    </xsl:if>
  </xsl:template>

  <xsl:template name="languages">
    <xsl:variable name="main" select="substring($fixed, 36, 3)"/>
    <xsl:if test="m:is-code($main) and $main != 'und'">
      <language><languageTerm type="code" authority="iso639-2b"><xsl:value-of select="$main"/></languageTerm></language>
    </xsl:if>
    <xsl:for-each select="key('field', '041')[@ind2 != '7']/marc:subfield[contains('adefghj', @code)]">
      <xsl:variable name="part">
        <xsl:choose>
          <xsl:when test="@code = 'd'">sung or spoken text</xsl:when>
          <xsl:when test="@code = 'e'">libretto</xsl:when>
          <xsl:when test="@code = 'f'">table of contents</xsl:when>
          <xsl:when test="@code = 'g'">accompanying material</xsl:when>
          <xsl:when test="@code = 'h'">original</xsl:when>
          <xsl:when test="@code = 'j'">subtitles or captions</xsl:when>
        </xsl:choose>
      </xsl:variable>
      <xsl:call-template name="packed-languages">
        <xsl:with-param name="codes" select="normalize-space(.)"/>
        <xsl:with-param name="part" select="string($part)"/>
        <xsl:with-param name="except" select="substring($main, 1, 3 * (@code = 'a'))"/>
      </xsl:call-template>
    </xsl:for-each>
  </xsl:template>

  <xsl:template name="packed-languages">
    <xsl:param name="codes"/>
    <xsl:param name="part"/>
    <xsl:param name="except"/>
    <xsl:variable name="code" select="substring($codes, 1, 3)"/>
    <xsl:if test="m:is-code($code)">
      <xsl:if test="$code != $except">
        <language objectPart="{$part}"><languageTerm type="code" authority="iso639-2b"><xsl:value-of select="$code"/></languageTerm></language>
      </xsl:if>
      <xsl:call-template name="packed-languages">
        <xsl:with-param name="codes" select="substring($codes, 4)"/>
        <xsl:with-param name="part" select="$part"/>
        <xsl:with-param name="except" select="$except"/>
      </xsl:call-template>
    </xsl:if>
  </xsl:template>

  <xsl:template name="physical-description">
    <physicalDescription>
      <xsl:for-each select="marc:controlfield[@tag = '007']">
        <form authority="marccategory">
          <xsl:choose>
            <xsl:when test="starts-with(., 'a')">map</xsl:when>
            <xsl:when test="starts-with(., 'c')">electronic resource</xsl:when>
            <xsl:when test="starts-with(., 'd')">globe</xsl:when>
            <xsl:when test="starts-with(., 'f')">tactile material</xsl:when>
            <xsl:when test="starts-with(., 'g')">projected graphic</xsl:when>
            <xsl:when test="starts-with(., 'h')">microform</xsl:when>
            <xsl:when test="starts-with(., 'k')">nonprojected graphic</xsl:when>
            <xsl:when test="starts-with(., 'm')">motion picture</xsl:when>
            <xsl:when test="starts-with(., 'o')">kit</xsl:when>
            <xsl:when test="starts-with(., 'q')">notated music</xsl:when>
            <xsl:when test="starts-with(., 'r')">remote-sensing image</xsl:when>
            <xsl:when test="starts-with(., 's')">sound recording</xsl:when>
            <xsl:when test="starts-with(., 't')">text</xsl:when>
            <xsl:when test="starts-with(., 'v')">videorecording</xsl:when>
          </xsl:choose>
        </form>
        <form authority="marcsmd">
          <xsl:choose>
            <xsl:when test="starts-with(., 'cj')">magnetic disk</xsl:when>
            <xsl:when test="starts-with(., 'co')">optical disc</xsl:when>
            <xsl:when test="starts-with(., 'cr')">remote</xsl:when>
            <xsl:when test="starts-with(., 'gs')">slide</xsl:when>
            <xsl:when test="starts-with(., 'hd')">microfilm reel</xsl:when>
            <xsl:when test="starts-with(., 'he')">microfiche</xsl:when>
            <xsl:when test="starts-with(., 'sd')">sound disc</xsl:when>
            <xsl:when test="starts-with(., 'ss')">sound cassette</xsl:when>
            <xsl:when test="starts-with(., 'vd')">videodisc</xsl:when>
            <xsl:when test="starts-with(., 'vf')">videocassette</xsl:when>
          </xsl:choose>
        </form>
      </xsl:for-each>
      <xsl:for-each select="key('field', '338')">
        <form authority="{normalize-space(marc:subfield[@code = '2'][1])}"><xsl:value-of select="m:text(., 'a')"/></form>
      </xsl:for-each>
      <xsl:for-each select="key('field', '856')/marc:subfield[@code = 'q']">
        <internetMediaType><xsl:value-of select="normalize-space(.)"/></internetMediaType>
      </xsl:for-each>
      <xsl:for-each select="key('field', '300')">
        <extent><xsl:value-of select="m:text(., 'abcefg')"/></extent>
      </xsl:for-each>
      <xsl:if test="marc:controlfield[@tag = '007'][starts-with(., 'c')] and key('field', '533')">
        <digitalOrigin>reformatted digital</digitalOrigin>
      </xsl:if>
    </physicalDescription>
  </xsl:template>

  <xsl:template name="audiences">
    <xsl:variable name="code" select="substring($fixed, 23, 1)"/>
    <xsl:if test="contains('acdgijkmt', $type)">
      <targetAudience authority="marctarget">
        <xsl:choose>
          <xsl:when test="$code = 'a'">preschool</xsl:when>
          <xsl:when test="$code = 'b'">primary</xsl:when>
          <xsl:when test="$code = 'c'">pre-adolescent</xsl:when>
          <xsl:when test="$code = 'd'">adolescent</xsl:when>
          <xsl:when test="$code = 'e'">adult</xsl:when>
          <xsl:when test="$code = 'f'">specialized</xsl:when>
          <xsl:when test="$code = 'g'">general</xsl:when>
          <xsl:when test="$code = 'j'">juvenile</xsl:when>
        </xsl:choose>
      </targetAudience>
    </xsl:if>
    <xsl:for-each select="key('field', '521')">
      <targetAudience><xsl:value-of select="m:text(., 'ab')"/></targetAudience>
    </xsl:for-each>
  </xsl:template>

  <!-- Notes that only staff should see (541, 561, 563, 583, 59X) are not among them. -->
  <xsl:template name="notes">
    <xsl:for-each select="key('field', '245')">
      <note type="statement of responsibility"><xsl:value-of select="m:text(., 'c')"/></note>
    </xsl:for-each>
    <xsl:apply-templates select="key('field', '502') | key('field', '504') | key('field', '511') | key('field', '518') | key('field', '500') | key('field', '501')
        | key('field', '503') | key('field', '507') | key('field', '508') | key('field', '510') | key('field', '513') | key('field', '514') | key('field', '515')
        | key('field', '516') | key('field', '522') | key('field', '525') | key('field', '530') | key('field', '533') | key('field', '535') | key('field', '536')
        | key('field', '538') | key('field', '544') | key('field', '545') | key('field', '546') | key('field', '547') | key('field', '550') | key('field', '555')
        | key('field', '556') | key('field', '580') | key('field', '581') | key('field', '585') | key('field', '586') | key('field', '588')" mode="note"/>
  </xsl:template>

  <xsl:template match="marc:datafield" mode="note">
    <note>
      <xsl:attribute name="type">
        <xsl:choose>
          <xsl:when test="@tag = '502'">thesis</xsl:when>
          <xsl:when test="@tag = '504'">bibliography</xsl:when>
          <xsl:when test="@tag = '508'">creation/production credits</xsl:when>
          <xsl:when test="@tag = '511'">performers</xsl:when>
          <xsl:when test="@tag = '515'">numbering</xsl:when>
          <xsl:when test="@tag = '518'">venue</xsl:when>
          <xsl:when test="@tag = '530'">additional physical form</xsl:when>
          <xsl:when test="@tag = '533'">reproduction</xsl:when>
          <xsl:when test="@tag = '536'">funding</xsl:when>
          <xsl:when test="@tag = '538'">system details</xsl:when>
          <xsl:when test="@tag = '545'">biographical/historical</xsl:when>
          <xsl:when test="@tag = '546'">language</xsl:when>
          <xsl:when test="@tag = '585'">exhibitions</xsl:when>
          <xsl:when test="@tag = '586'">awards</xsl:when>
        </xsl:choose>
      </xsl:attribute>
      <xsl:value-of select="m:join(., 'abcdefghijklmnopqrstvxyz')"/>
    </note>
  </xsl:template>
</xsl:stylesheet>
