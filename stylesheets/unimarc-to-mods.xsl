<?xml version="1.0" encoding="UTF-8"?>
<!-- UNIMARC (MARCXML) to MODS 3.7. Top elements come in the order of the templates called in the first one. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:marc="http://www.loc.gov/MARC21/slim"
    xmlns="http://www.loc.gov/mods/v3" xmlns:m="urn:x-discovery:marc" exclude-result-prefixes="marc m">
  <xsl:import href="marc-text.xsl"/>
  <xsl:import href="unimarc-parts.xsl"/>
  <xsl:import href="mods-parts.xsl"/>

  <xsl:variable name="type" select="substring(/marc:record/marc:leader, 7, 1)"/>
  <xsl:variable name="level" select="substring(/marc:record/marc:leader, 8, 1)"/>

  <xsl:template match="/marc:record">
    <xsl:variable name="elements">
      <xsl:call-template name="titles"/>
      <xsl:apply-templates select="key('field', '700') | key('field', '710') | key('field', '720')" mode="name">
        <xsl:with-param name="usage" select="'primary'"/>
      </xsl:apply-templates>
      <xsl:apply-templates select="key('field', '701') | key('field', '702') | key('field', '711') | key('field', '712') | key('field', '721') | key('field', '722')" mode="name"/>
      <xsl:call-template name="types"/>
      <xsl:call-template name="origins"/>
      <xsl:call-template name="languages"/>
      <xsl:call-template name="physical-description"/>
      <xsl:for-each select="key('field', '330')">
        <abstract><xsl:value-of select="m:join(., 'a')"/></abstract>
      </xsl:for-each>
      <xsl:for-each select="key('field', '327')">
        <tableOfContents><xsl:value-of select="m:join(., 'ab')"/></tableOfContents>
      </xsl:for-each>
      <xsl:for-each select="key('field', '333')">
        <targetAudience><xsl:value-of select="m:text(., 'a')"/></targetAudience>
      </xsl:for-each>
      <xsl:call-template name="notes"/>
      <xsl:call-template name="subjects"/>
      <xsl:call-template name="classifications"/>
      <xsl:call-template name="locations"/>
      <xsl:call-template name="related-items"/>
      <xsl:call-template name="identifiers"/>
      <xsl:for-each select="key('field', '310')">
        <accessCondition type="restriction on access"><xsl:value-of select="m:join(., 'a')"/></accessCondition>
      </xsl:for-each>
      <xsl:for-each select="key('field', '371')">
        <accessCondition type="use and reproduction"><xsl:value-of select="m:join(., 'ac')"/></accessCondition>
      </xsl:for-each>
      <xsl:call-template name="record-info"/>
    </xsl:variable>
    <xsl:call-template name="mods">
      <xsl:with-param name="elements" select="$elements"/>
    </xsl:call-template>
  </xsl:template>

  <xsl:template name="titles">
    <xsl:for-each select="key('field', '200')">
      <titleInfo>
        <xsl:call-template name="main-title"/>
        <xsl:call-template name="title-rest"/>
      </titleInfo>
    </xsl:for-each>
    <xsl:for-each select="key('field', '530') | key('field', '531')">
      <titleInfo type="abbreviated"><title><xsl:value-of select="m:text(., 'a')"/></title></titleInfo>
    </xsl:for-each>
    <xsl:for-each select="key('field', '541')">
      <titleInfo type="translated"><title><xsl:value-of select="m:text(., 'a')"/></title><xsl:call-template name="title-rest"/></titleInfo>
    </xsl:for-each>
    <xsl:for-each select="key('field', '510') | key('field', '512') | key('field', '517')">
      <titleInfo type="alternative"><title><xsl:value-of select="m:text(., 'a')"/></title><xsl:call-template name="title-rest"/></titleInfo>
    </xsl:for-each>
    <xsl:for-each select="key('field', '500')">
      <titleInfo type="uniform"><title><xsl:value-of select="m:text(., 'abklmnqrsu')"/></title><xsl:call-template name="title-rest"/></titleInfo>
    </xsl:for-each>
  </xsl:template>

  <!-- Non-sorting text stands between a pair of marks (U+0088/U+0089 or U+0098/U+009C). -->
  <xsl:template name="main-title">
    <xsl:variable name="raw" select="translate(string(marc:subfield[@code = 'a'][1]), '&#x88;&#x89;', '&#x98;&#x9C;')"/>
    <xsl:choose>
      <xsl:when test="starts-with($raw, '&#x98;') and contains($raw, '&#x9C;')">
        <nonSort><xsl:value-of select="normalize-space(substring-before(substring($raw, 2), '&#x9C;'))"/></nonSort>
        <title><xsl:value-of select="m:chop(normalize-space(translate(substring-after($raw, '&#x9C;'), $marks, '')))"/></title>
      </xsl:when>
      <xsl:otherwise>
        <title><xsl:value-of select="m:chop(normalize-space(translate($raw, $marks, '')))"/></title>
      </xsl:otherwise>
    </xsl:choose>
  </xsl:template>

  <xsl:template name="title-rest">
    <subTitle><xsl:value-of select="m:text(., 'e')"/></subTitle>
    <xsl:for-each select="marc:subfield[@code = 'h']">
      <partNumber><xsl:value-of select="m:chop(normalize-space(translate(., $marks, '')))"/></partNumber>
    </xsl:for-each>
    <xsl:for-each select="marc:subfield[@code = 'i']">
      <partName><xsl:value-of select="m:chop(normalize-space(translate(., $marks, '')))"/></partName>
    </xsl:for-each>
  </xsl:template>

  <xsl:template match="marc:datafield" mode="name">
    <xsl:param name="usage" select="''"/>
    <name usage="{$usage}">
      <xsl:call-template name="name-content"/>
      <xsl:for-each select="marc:subfield[@code = '4']">
        <role><roleTerm type="code" authority="unimarc"><xsl:value-of select="normalize-space(.)"/></roleTerm></role>
      </xsl:for-each>
      <xsl:for-each select="marc:subfield[@code = '3']">
        <nameIdentifier><xsl:value-of select="normalize-space(.)"/></nameIdentifier>
      </xsl:for-each>
    </name>
  </xsl:template>

  <!-- Type and parts of a name in 70X-72X or 600-602; 71X with first indicator 1 is a meeting. -->
  <xsl:template name="name-content">
    <xsl:variable name="is-body" select="starts-with(@tag, '71') or @tag = '601'"/>
    <xsl:variable name="is-family" select="starts-with(@tag, '72') or @tag = '602'"/>
    <xsl:attribute name="type">
      <xsl:choose>
        <xsl:when test="$is-body and @ind1 = '1'">conference</xsl:when>
        <xsl:when test="$is-body">corporate</xsl:when>
        <xsl:when test="$is-family">family</xsl:when>
        <xsl:otherwise>personal</xsl:otherwise>
      </xsl:choose>
    </xsl:attribute>
    <xsl:choose>
      <xsl:when test="$is-body">
        <xsl:for-each select="marc:subfield[@code = 'a' or @code = 'b']">
          <namePart><xsl:value-of select="m:chop(normalize-space(translate(., $marks, '')))"/></namePart>
        </xsl:for-each>
        <namePart><xsl:value-of select="m:text(., 'cde')"/></namePart>
      </xsl:when>
      <xsl:when test="marc:subfield[@code = 'b'] and not($is-family)">
        <namePart type="family"><xsl:value-of select="m:text(., 'a')"/></namePart>
        <namePart type="given"><xsl:value-of select="m:text(., 'b')"/></namePart>
        <namePart type="termsOfAddress"><xsl:value-of select="m:text(., 'cd')"/></namePart>
      </xsl:when>
      <xsl:otherwise>
        <namePart><xsl:value-of select="m:text(., 'a')"/></namePart>
        <namePart type="termsOfAddress"><xsl:value-of select="m:text(., 'cd')"/></namePart>
      </xsl:otherwise>
    </xsl:choose>
    <namePart type="date"><xsl:value-of select="m:text(., 'f')"/></namePart>
  </xsl:template>

  <xsl:template name="types">
    <typeOfResource>
      <xsl:if test="$level = 'c'"><xsl:attribute name="collection">yes</xsl:attribute></xsl:if>
      <xsl:if test="contains('bdf', $type)"><xsl:attribute name="manuscript">yes</xsl:attribute></xsl:if>
      <xsl:choose>
        <xsl:when test="contains('ab', $type)">text</xsl:when>
        <xsl:when test="contains('ef', $type)">cartographic</xsl:when>
        <xsl:when test="contains('cd', $type)">notated music</xsl:when>
        <xsl:when test="$type = 'i'">sound recording-nonmusical</xsl:when>
        <xsl:when test="$type = 'j'">sound recording-musical</xsl:when>
        <xsl:when test="$type = 'k'">still image</xsl:when>
        <xsl:when test="$type = 'g'">moving image</xsl:when>
        <xsl:when test="$type = 'r'">three dimensional object</xsl:when>
        <xsl:when test="contains('lm', $type)">software, multimedia</xsl:when>
      </xsl:choose>
    </typeOfResource>
    <xsl:for-each select="key('field', '608')">
      <genre authority="{normalize-space(marc:subfield[@code = '2'][1])}"><xsl:value-of select="m:unimarc-heading(.)"/></genre>
    </xsl:for-each>
  </xsl:template>

  <xsl:template name="origins">
    <xsl:variable name="coded" select="key('field', '100')/marc:subfield[@code = 'a'][1]"/>
    <xsl:variable name="is-range" select="contains('abcgij', substring($coded, 9, 1))"/>
    <originInfo>
      <xsl:for-each select="key('field', '102')/marc:subfield[@code = 'a']">
        <place><placeTerm type="code" authority="iso3166"><xsl:value-of select="m:lower(normalize-space(.))"/></placeTerm></place>
      </xsl:for-each>
      <xsl:for-each select="key('field', '210') | key('field', '214')[@ind2 = '0']">
        <xsl:for-each select="marc:subfield[@code = 'a']">
          <place><placeTerm type="text"><xsl:value-of select="m:known(m:chop(normalize-space(translate(., $marks, ''))))"/></placeTerm></place>
        </xsl:for-each>
        <xsl:for-each select="marc:subfield[@code = 'c']">
          <publisher><xsl:value-of select="m:known(m:chop(normalize-space(translate(., $marks, ''))))"/></publisher>
        </xsl:for-each>
        <xsl:for-each select="marc:subfield[@code = 'd']">
          <dateIssued><xsl:value-of select="m:known(m:chop(normalize-space(translate(., $marks, ''))))"/></dateIssued>
        </xsl:for-each>
      </xsl:for-each>
      <xsl:call-template name="coded-date">
        <xsl:with-param name="date" select="substring($coded, 10, 4)"/>
        <xsl:with-param name="point" select="substring('start', 1, 5 * $is-range)"/>
      </xsl:call-template>
      <xsl:if test="$is-range">
        <xsl:call-template name="coded-date">
          <xsl:with-param name="date" select="substring($coded, 14, 4)"/>
          <xsl:with-param name="point" select="'end'"/>
        </xsl:call-template>
      </xsl:if>
      <xsl:for-each select="key('field', '205')">
        <edition><xsl:value-of select="m:text(., 'a')"/></edition>
      </xsl:for-each>
      <issuance>
        <xsl:choose>
          <xsl:when test="contains('acm', $level)">monographic</xsl:when>
          <xsl:when test="$level = 'i'">integrating resource</xsl:when>
          <xsl:when test="$level = 's'">serial</xsl:when>
        </xsl:choose>
      </issuance>
      <xsl:for-each select="key('field', '326')">
        <frequency><xsl:value-of select="m:text(., 'ab')"/></frequency>
      </xsl:for-each>
    </originInfo>
  </xsl:template>

  <xsl:template name="coded-date">
    <xsl:param name="date"/>
    <xsl:param name="point"/>
    <xsl:if test="string-length($date) = 4 and translate($date, '0123456789', '') = ''">
      <dateIssued encoding="marc" point="{$point}"><xsl:value-of select="$date"/></dateIssued>
    </xsl:if>
  </xsl:template>

  <xsl:template name="languages">
    <xsl:for-each select="key('field', '101')/marc:subfield[@code = 'a' or @code = 'c'][m:is-code(normalize-space(.))]">
      <language objectPart="{substring('original', 1, 8 * (@code = 'c'))}">
        <languageTerm type="code" authority="iso639-2b"><xsl:value-of select="normalize-space(.)"/></languageTerm>
      </language>
    </xsl:for-each>
  </xsl:template>

  <xsl:template name="physical-description">
    <physicalDescription>
      <xsl:for-each select="key('field', '200')">
        <form><xsl:value-of select="translate(m:text(., 'b'), '[]', '')"/></form>
      </xsl:for-each>
      <xsl:for-each select="key('field', '856')/marc:subfield[@code = 'q']">
        <internetMediaType><xsl:value-of select="normalize-space(.)"/></internetMediaType>
      </xsl:for-each>
      <xsl:for-each select="key('field', '215')">
        <extent><xsl:value-of select="m:text(., 'acde')"/></extent>
      </xsl:for-each>
    </physicalDescription>
  </xsl:template>

  <xsl:template name="notes">
    <xsl:for-each select="key('field', '200')">
      <note type="statement of responsibility"><xsl:value-of select="m:text(., 'fg')"/></note>
    </xsl:for-each>
    <xsl:for-each select="key('field', '328')">
      <note type="thesis"><xsl:value-of select="m:join(., 'abcdetz')"/></note>
    </xsl:for-each>
    <xsl:for-each select="key('field', '320')">
      <note type="bibliography"><xsl:value-of select="m:join(., 'a')"/></note>
    </xsl:for-each>
    <xsl:for-each select="key('field', '300') | key('field', '301') | key('field', '302') | key('field', '303') | key('field', '304') | key('field', '305')
        | key('field', '306') | key('field', '307') | key('field', '308') | key('field', '311') | key('field', '312') | key('field', '313') | key('field', '314')
        | key('field', '315') | key('field', '318') | key('field', '321') | key('field', '322') | key('field', '323') | key('field', '325') | key('field', '336')
        | key('field', '337')">
      <note><xsl:value-of select="m:join(., 'a')"/></note>
    </xsl:for-each>
  </xsl:template>

  <xsl:template name="subjects">
    <xsl:for-each select="key('field', '600') | key('field', '601') | key('field', '602')">
      <subject authority="{normalize-space(marc:subfield[@code = '2'][1])}">
        <name><xsl:call-template name="name-content"/></name>
        <titleInfo><title><xsl:value-of select="m:text(., 't')"/></title></titleInfo>
        <xsl:call-template name="subdivisions"/>
      </subject>
    </xsl:for-each>
    <xsl:for-each select="key('field', '605')">
      <subject authority="{normalize-space(marc:subfield[@code = '2'][1])}">
        <titleInfo><title><xsl:value-of select="m:text(., 'ahiklmnqrsu')"/></title></titleInfo>
        <xsl:call-template name="subdivisions"/>
      </subject>
    </xsl:for-each>
    <xsl:for-each select="key('field', '606')">
      <subject authority="{normalize-space(marc:subfield[@code = '2'][1])}">
        <topic><xsl:value-of select="m:text(., 'a')"/></topic>
        <xsl:call-template name="subdivisions"/>
      </subject>
    </xsl:for-each>
    <xsl:for-each select="key('field', '607')">
      <subject authority="{normalize-space(marc:subfield[@code = '2'][1])}">
        <geographic><xsl:value-of select="m:text(., 'a')"/></geographic>
        <xsl:call-template name="subdivisions"/>
      </subject>
    </xsl:for-each>
    <xsl:for-each select="key('field', '610')/marc:subfield[@code = 'a']">
      <subject><topic><xsl:value-of select="m:chop(normalize-space(translate(., $marks, '')))"/></topic></subject>
    </xsl:for-each>
  </xsl:template>

  <xsl:template name="subdivisions">
    <xsl:for-each select="marc:subfield[contains('jxyz', @code)]">
      <xsl:variable name="text" select="m:chop(normalize-space(translate(., $marks, '')))"/>
      <xsl:choose>
        <xsl:when test="@code = 'j'"><genre><xsl:value-of select="$text"/></genre></xsl:when>
        <xsl:when test="@code = 'x'"><topic><xsl:value-of select="$text"/></topic></xsl:when>
        <xsl:when test="@code = 'y'"><geographic><xsl:value-of select="$text"/></geographic></xsl:when>
        <xsl:otherwise><temporal><xsl:value-of select="$text"/></temporal></xsl:otherwise>
      </xsl:choose>
    </xsl:for-each>
  </xsl:template>

  <xsl:template name="classifications">
    <xsl:for-each select="key('field', '680')">
      <classification authority="lcc"><xsl:value-of select="m:join(., 'ab')"/></classification>
    </xsl:for-each>
    <xsl:for-each select="key('field', '676')">
      <classification authority="ddc" edition="{normalize-space(marc:subfield[@code = 'v'][1])}"><xsl:value-of select="m:join(., 'a')"/></classification>
    </xsl:for-each>
    <xsl:for-each select="key('field', '675')">
      <classification authority="udc"><xsl:value-of select="m:join(., 'a')"/></classification>
    </xsl:for-each>
    <xsl:for-each select="key('field', '686')">
      <classification authority="{normalize-space(marc:subfield[@code = '2'][1])}"><xsl:value-of select="m:join(., 'a')"/></classification>
    </xsl:for-each>
  </xsl:template>

  <xsl:template name="locations">
    <xsl:for-each select="key('field', '995')">
      <location>
        <physicalLocation><xsl:value-of select="normalize-space(marc:subfield[@code = 'c' or @code = 'b'][last()])"/></physicalLocation>
        <shelfLocator><xsl:value-of select="m:join(., 'k')"/></shelfLocator>
      </location>
    </xsl:for-each>
    <xsl:for-each select="key('field', '856')/marc:subfield[@code = 'u'][m:is-uri(normalize-space(.))]">
      <location><url note="{m:join(.., 'z')}"><xsl:value-of select="normalize-space(.)"/></url></location>
    </xsl:for-each>
  </xsl:template>

  <xsl:template name="related-items">
    <xsl:for-each select="key('field', '225')">
      <relatedItem type="series">
        <titleInfo>
          <title><xsl:value-of select="m:text(., 'a')"/></title>
          <subTitle><xsl:value-of select="m:text(., 'e')"/></subTitle>
          <partNumber><xsl:value-of select="m:text(., 'v')"/></partNumber>
        </titleInfo>
        <identifier type="issn"><xsl:value-of select="m:issn(marc:subfield[@code = 'x'][1])"/></identifier>
      </relatedItem>
    </xsl:for-each>
    <xsl:for-each select="marc:datafield[starts-with(@tag, '4')]">
      <relatedItem>
        <xsl:attribute name="type">
          <xsl:choose>
            <xsl:when test="@tag = '410' or @tag = '411'">series</xsl:when>
            <xsl:when test="@tag = '461' or @tag = '462' or @tag = '463'">host</xsl:when>
            <xsl:when test="@tag = '464'">constituent</xsl:when>
            <xsl:when test="starts-with(@tag, '43')">preceding</xsl:when>
            <xsl:when test="starts-with(@tag, '44')">succeeding</xsl:when>
            <xsl:when test="@tag = '452'">otherFormat</xsl:when>
            <xsl:when test="@tag = '451' or @tag = '453' or @tag = '454'">otherVersion</xsl:when>
            <xsl:when test="@tag = '455'">original</xsl:when>
          </xsl:choose>
        </xsl:attribute>
        <titleInfo><title><xsl:value-of select="m:linked(., 't')"/></title><partNumber><xsl:value-of select="m:text(., 'v')"/></partNumber></titleInfo>
        <identifier type="issn"><xsl:value-of select="m:issn(m:linked(., 'x'))"/></identifier>
        <identifier type="isbn"><xsl:value-of select="m:isbn(m:linked(., 'y'))"/></identifier>
      </relatedItem>
    </xsl:for-each>
    <xsl:for-each select="key('field', '324')">
      <relatedItem type="original"><note><xsl:value-of select="m:join(., 'a')"/></note></relatedItem>
    </xsl:for-each>
  </xsl:template>

  <xsl:template name="identifiers">
    <xsl:for-each select="key('field', '010')/marc:subfield[@code = 'a' or @code = 'z']">
      <identifier type="isbn">
        <xsl:if test="@code = 'z'"><xsl:attribute name="invalid">yes</xsl:attribute></xsl:if>
        <xsl:value-of select="m:isbn(.)"/>
      </identifier>
    </xsl:for-each>
    <xsl:for-each select="key('field', '011')/marc:subfield[contains('afz', @code)]">
      <identifier type="issn{substring('-l', 1, 2 * (@code = 'f'))}">
        <xsl:if test="@code = 'z'"><xsl:attribute name="invalid">yes</xsl:attribute></xsl:if>
        <xsl:value-of select="m:issn(.)"/>
      </identifier>
    </xsl:for-each>
    <xsl:for-each select="key('field', '020')">
      <identifier type="national bibliography number"><xsl:value-of select="m:join(., 'ab')"/></identifier>
    </xsl:for-each>
    <xsl:for-each select="key('field', '017')">
      <identifier type="{m:lower(normalize-space(marc:subfield[@code = '2'][1]))}"><xsl:value-of select="m:join(., 'a')"/></identifier>
    </xsl:for-each>
    <xsl:for-each select="key('field', '856')/marc:subfield[@code = 'u']">
      <identifier type="uri"><xsl:value-of select="normalize-space(.)"/></identifier>
    </xsl:for-each>
  </xsl:template>

  <xsl:template name="record-info">
    <xsl:variable name="entered" select="substring(key('field', '100')/marc:subfield[@code = 'a'][1], 1, 8)"/>
    <recordInfo>
      <xsl:for-each select="key('field', '801')">
        <recordContentSource><xsl:value-of select="m:join(., 'b')"/></recordContentSource>
      </xsl:for-each>
      <xsl:if test="string-length($entered) = 8 and translate($entered, '0123456789', '') = ''">
        <recordCreationDate encoding="iso8601"><xsl:value-of select="$entered"/></recordCreationDate>
      </xsl:if>
      <recordChangeDate encoding="iso8601"><xsl:value-of select="normalize-space(marc:controlfield[@tag = '005'][1])"/></recordChangeDate>
      <recordIdentifier><xsl:value-of select="normalize-space(marc:controlfield[@tag = '001'][1])"/></recordIdentifier>
    </recordInfo>
  </xsl:template>
</xsl:stylesheet>
