<?xml version="1.0" encoding="UTF-8"?>
<!--
  Second half of MARC 21 to MODS: subjects, classification, locations, related items, identifiers and record information,
  and the pieces of names and titles that both halves use.
-->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:marc="http://www.loc.gov/MARC21/slim"
    xmlns="http://www.loc.gov/mods/v3" xmlns:m="urn:x-discovery:marc" xmlns:func="http://exslt.org/functions"
    extension-element-prefixes="func" exclude-result-prefixes="marc m">

  <func:function name="m:kind-of-name">
    <xsl:param name="field"/>
    <xsl:variable name="end" select="substring($field/@tag, 2)"/>
    <func:result select="concat(substring('family', 1, 6 * ($end = '00' and $field/@ind1 = '3')), substring('personal', 1, 8 * ($end = '00' and $field/@ind1 != '3')),
        substring('corporate', 1, 9 * ($end = '10')), substring('conference', 1, 10 * ($end = '11')))"/>
  </func:function>

  <!-- The parts of the name of a heading field; a date is told apart from a name. -->
  <xsl:template name="name-parts">
    <xsl:variable name="end" select="substring(@tag, 2)"/>
    <xsl:choose>
      <xsl:when test="$end = '00'">
        <namePart><xsl:value-of select="m:text(., 'aq')"/></namePart>
        <namePart type="termsOfAddress"><xsl:value-of select="m:text(., 'bc')"/></namePart>
        <namePart type="date"><xsl:value-of select="m:text(., 'd')"/></namePart>
      </xsl:when>
      <xsl:when test="$end = '10'">
        <xsl:for-each select="marc:subfield[@code = 'a' or @code = 'b']">
          <namePart><xsl:value-of select="m:chop(normalize-space(translate(., $marks, '')))"/></namePart>
        </xsl:for-each>
        <namePart><xsl:value-of select="m:text(., 'dc')"/></namePart>
      </xsl:when>
      <xsl:when test="$end = '11'">
        <namePart><xsl:value-of select="m:text(., 'acdenq')"/></namePart>
      </xsl:when>
      <xsl:otherwise>
        <namePart><xsl:value-of select="m:text(., 'a')"/></namePart>
      </xsl:otherwise>
    </xsl:choose>
  </xsl:template>

  <xsl:template name="subjects">
    <xsl:for-each select="key('field', '650')">
      <subject authority="{m:thesaurus(.)}" valueURI="{m:value-uri(., '01')}">
        <topic><xsl:value-of select="m:text(., 'abcd')"/></topic>
        <xsl:call-template name="subdivisions"/>
      </subject>
    </xsl:for-each>
    <xsl:for-each select="key('field', '651')">
      <subject authority="{m:thesaurus(.)}" valueURI="{m:value-uri(., '01')}">
        <geographic><xsl:value-of select="m:text(., 'a')"/></geographic>
        <xsl:call-template name="subdivisions"/>
      </subject>
    </xsl:for-each>
    <xsl:for-each select="key('field', '648')">
      <subject authority="{m:thesaurus(.)}" valueURI="{m:value-uri(., '01')}">
        <temporal><xsl:value-of select="m:text(., 'a')"/></temporal>
        <xsl:call-template name="subdivisions"/>
      </subject>
    </xsl:for-each>
    <xsl:for-each select="key('field', '630')">
      <subject authority="{m:thesaurus(.)}" valueURI="{m:value-uri(., '01')}">
        <titleInfo><title><xsl:value-of select="m:text(., 'adfgklmnoprst')"/></title></titleInfo>
        <xsl:call-template name="subdivisions"/>
      </subject>
    </xsl:for-each>
    <xsl:for-each select="key('field', '600') | key('field', '610') | key('field', '611')">
      <subject authority="{m:thesaurus(.)}" valueURI="{m:value-uri(., '01')}">
        <name type="{m:kind-of-name(.)}"><xsl:call-template name="name-parts"/></name>
        <titleInfo><title><xsl:value-of select="m:text(., 'fklmoprst')"/></title></titleInfo>
        <xsl:call-template name="subdivisions"/>
      </subject>
    </xsl:for-each>
    <xsl:for-each select="key('field', '653')/marc:subfield[@code = 'a']">
      <subject><topic><xsl:value-of select="m:chop(normalize-space(translate(., $marks, '')))"/></topic></subject>
    </xsl:for-each>
    <xsl:for-each select="key('field', '656')">
      <subject authority="{m:thesaurus(.)}">
        <occupation><xsl:value-of select="m:text(., 'a')"/></occupation>
        <xsl:call-template name="subdivisions"/>
      </subject>
    </xsl:for-each>
    <xsl:for-each select="key('field', '043')/marc:subfield[@code = 'a']">
      <subject><geographicCode authority="marcgac"><xsl:value-of select="normalize-space(.)"/></geographicCode></subject>
    </xsl:for-each>
    <xsl:for-each select="key('field', '752')">
      <subject>
        <hierarchicalGeographic>
          <country><xsl:value-of select="m:text(., 'a')"/></country>
          <state><xsl:value-of select="m:text(., 'b')"/></state>
          <county><xsl:value-of select="m:text(., 'c')"/></county>
          <city><xsl:value-of select="m:text(., 'd')"/></city>
        </hierarchicalGeographic>
      </subject>
    </xsl:for-each>
    <xsl:for-each select="key('field', '045')/marc:subfield[@code = 'a' or @code = 'b']">
      <subject><temporal><xsl:value-of select="normalize-space(.)"/></temporal></subject>
    </xsl:for-each>
    <xsl:for-each select="key('field', '255')">
      <subject>
        <cartographics>
          <scale><xsl:value-of select="m:text(., 'a')"/></scale>
          <projection><xsl:value-of select="m:text(., 'b')"/></projection>
          <coordinates><xsl:value-of select="m:text(., 'c')"/></coordinates>
        </cartographics>
      </subject>
    </xsl:for-each>
  </xsl:template>

  <xsl:template name="subdivisions">
    <xsl:for-each select="marc:subfield[contains('vxyz', @code)]">
      <xsl:variable name="text" select="m:chop(normalize-space(translate(., $marks, '')))"/>
      <xsl:choose>
        <xsl:when test="@code = 'v'"><genre><xsl:value-of select="$text"/></genre></xsl:when>
        <xsl:when test="@code = 'x'"><topic><xsl:value-of select="$text"/></topic></xsl:when>
        <xsl:when test="@code = 'y'"><temporal><xsl:value-of select="$text"/></temporal></xsl:when>
        <xsl:otherwise><geographic><xsl:value-of select="$text"/></geographic></xsl:otherwise>
      </xsl:choose>
    </xsl:for-each>
  </xsl:template>

  <func:function name="m:thesaurus">
    <xsl:param name="field"/>
    <xsl:choose>
      <xsl:when test="$field/@ind2 = '0'"><func:result select="'lcsh'"/></xsl:when>
      <xsl:when test="$field/@ind2 = '1'"><func:result select="'lcshac'"/></xsl:when>
      <xsl:when test="$field/@ind2 = '2'"><func:result select="'mesh'"/></xsl:when>
      <xsl:when test="$field/@ind2 = '3'"><func:result select="'nal'"/></xsl:when>
      <xsl:when test="$field/@ind2 = '5'"><func:result select="'csh'"/></xsl:when>
      <xsl:when test="$field/@ind2 = '6'"><func:result select="'rvm'"/></xsl:when>
      <xsl:when test="$field/@ind2 = '7'"><func:result select="normalize-space($field/marc:subfield[@code = '2'][1])"/></xsl:when>
      <xsl:otherwise><func:result select="''"/></xsl:otherwise>
    </xsl:choose>
  </func:function>

  <xsl:template name="classifications">
    <xsl:for-each select="key('field', '050')">
      <classification authority="lcc"><xsl:value-of select="m:join(., 'ab')"/></classification>
    </xsl:for-each>
    <xsl:for-each select="key('field', '060')">
      <classification authority="nlm"><xsl:value-of select="m:join(., 'ab')"/></classification>
    </xsl:for-each>
    <xsl:for-each select="key('field', '082')">
      <classification authority="ddc" edition="{normalize-space(marc:subfield[@code = '2'][1])}"><xsl:value-of select="m:join(., 'a')"/></classification>
    </xsl:for-each>
    <xsl:for-each select="key('field', '080')">
      <classification authority="udc"><xsl:value-of select="m:join(., 'abx')"/></classification>
    </xsl:for-each>
    <xsl:for-each select="key('field', '084')">
      <classification authority="{normalize-space(marc:subfield[@code = '2'][1])}"><xsl:value-of select="m:join(., 'ab')"/></classification>
    </xsl:for-each>
    <xsl:for-each select="key('field', '086')[@ind1 = '0']">
      <classification authority="sudocs"><xsl:value-of select="m:join(., 'a')"/></classification>
    </xsl:for-each>
  </xsl:template>

  <xsl:template name="locations">
    <xsl:for-each select="key('field', '852')">
      <location>
        <xsl:for-each select="marc:subfield[@code = 'a' or @code = 'b']">
          <physicalLocation><xsl:value-of select="normalize-space(.)"/></physicalLocation>
        </xsl:for-each>
        <shelfLocator><xsl:value-of select="m:join(., 'hij')"/></shelfLocator>
      </location>
    </xsl:for-each>
    <xsl:for-each select="key('field', '952')">
      <location>
        <physicalLocation><xsl:value-of select="normalize-space(marc:subfield[@code = 'b' or @code = 'a'][last()])"/></physicalLocation>
        <shelfLocator><xsl:value-of select="m:join(., 'o')"/></shelfLocator>
      </location>
    </xsl:for-each>
    <xsl:for-each select="key('field', '856')/marc:subfield[@code = 'u'][m:is-uri(normalize-space(.))]">
      <location>
        <url displayLabel="{m:join(.., '3y')}" note="{m:join(.., 'z')}">
          <xsl:if test="../@ind2 = '0'"><xsl:attribute name="usage">primary</xsl:attribute></xsl:if>
          <xsl:value-of select="normalize-space(.)"/>
        </url>
      </location>
    </xsl:for-each>
  </xsl:template>

  <xsl:template name="related-items">
    <xsl:variable name="traced" select="key('field', '800') | key('field', '810') | key('field', '811') | key('field', '830')"/>
    <xsl:for-each select="key('field', '440') | key('field', '490')[@ind1 != '1' or not($traced)]">
      <relatedItem type="series">
        <titleInfo><title><xsl:value-of select="m:text(., 'a')"/></title><partNumber><xsl:value-of select="m:text(., 'v')"/></partNumber></titleInfo>
        <identifier type="issn"><xsl:value-of select="m:issn(marc:subfield[@code = 'x'][1])"/></identifier>
      </relatedItem>
    </xsl:for-each>
    <xsl:for-each select="$traced">
      <relatedItem type="series">
        <titleInfo>
          <title>
            <xsl:choose>
              <xsl:when test="@tag = '830'"><xsl:value-of select="m:text(., 'adfgklmorst')"/></xsl:when>
              <xsl:otherwise><xsl:value-of select="m:text(., 'fklmorst')"/></xsl:otherwise>
            </xsl:choose>
          </title>
          <partNumber><xsl:value-of select="m:text(., 'v')"/></partNumber>
        </titleInfo>
        <xsl:if test="@tag != '830'">
          <name type="{m:kind-of-name(.)}"><xsl:call-template name="name-parts"/></name>
        </xsl:if>
        <identifier type="issn"><xsl:value-of select="m:issn(marc:subfield[@code = 'x'][1])"/></identifier>
      </relatedItem>
    </xsl:for-each>
    <xsl:apply-templates select="key('field', '773') | key('field', '780') | key('field', '785') | key('field', '776') | key('field', '775') | key('field', '774')
        | key('field', '534') | key('field', '510') | key('field', '760') | key('field', '762') | key('field', '765') | key('field', '767') | key('field', '770')
        | key('field', '772') | key('field', '777') | key('field', '786') | key('field', '787')" mode="related"/>
    <xsl:for-each select="(key('field', '700') | key('field', '710') | key('field', '711'))[marc:subfield[@code = 't']]">
      <relatedItem>
        <xsl:if test="@ind2 = '2'"><xsl:attribute name="type">constituent</xsl:attribute></xsl:if>
        <titleInfo><title><xsl:value-of select="m:text(., 'fklmoprst')"/></title></titleInfo>
        <name type="{m:kind-of-name(.)}"><xsl:call-template name="name-parts"/></name>
      </relatedItem>
    </xsl:for-each>
    <xsl:for-each select="key('field', '740')[@ind2 = '2'] | key('field', '730')[@ind2 = '2']">
      <relatedItem type="constituent"><titleInfo><title><xsl:value-of select="m:text(., 'adfgklmnoprst')"/></title></titleInfo></relatedItem>
    </xsl:for-each>
  </xsl:template>

  <xsl:template match="marc:datafield" mode="related">
    <xsl:variable name="has-title" select="marc:subfield[@code = 't' or @code = 's']"/>
    <relatedItem displayLabel="{m:text(., 'i')}">
      <xsl:attribute name="type">
        <xsl:choose>
          <xsl:when test="@tag = '773' or @tag = '772'">host</xsl:when>
          <xsl:when test="@tag = '780'">preceding</xsl:when>
          <xsl:when test="@tag = '785'">succeeding</xsl:when>
          <xsl:when test="@tag = '776'">otherFormat</xsl:when>
          <xsl:when test="@tag = '775' or @tag = '765' or @tag = '767'">otherVersion</xsl:when>
          <xsl:when test="@tag = '774' or @tag = '762'">constituent</xsl:when>
          <xsl:when test="@tag = '534'">original</xsl:when>
          <xsl:when test="@tag = '510'">isReferencedBy</xsl:when>
          <xsl:when test="@tag = '760'">series</xsl:when>
        </xsl:choose>
      </xsl:attribute>
      <titleInfo>
        <title>
          <xsl:choose>
            <xsl:when test="$has-title"><xsl:value-of select="m:text(., 'ts')"/></xsl:when>
            <xsl:otherwise><xsl:value-of select="m:text(., 'a')"/></xsl:otherwise>
          </xsl:choose>
        </title>
      </titleInfo>
      <xsl:if test="$has-title">
        <name><namePart><xsl:value-of select="m:text(., 'a')"/></namePart></name>
      </xsl:if>
      <originInfo><publisher><xsl:value-of select="m:text(., 'd')"/></publisher></originInfo>
      <xsl:for-each select="marc:subfield[@code = 'n']">
        <note><xsl:value-of select="normalize-space(.)"/></note>
      </xsl:for-each>
      <identifier type="issn"><xsl:value-of select="m:issn(marc:subfield[@code = 'x'][1])"/></identifier>
      <xsl:for-each select="marc:subfield[@code = 'z']">
        <identifier type="isbn"><xsl:value-of select="m:isbn(.)"/></identifier>
      </xsl:for-each>
      <xsl:for-each select="marc:subfield[@code = 'w']">
        <identifier type="local"><xsl:value-of select="normalize-space(.)"/></identifier>
      </xsl:for-each>
      <xsl:for-each select="marc:subfield[@code = 'g' or @code = 'q']">
        <part><text><xsl:value-of select="normalize-space(.)"/></text></part>
      </xsl:for-each>
    </relatedItem>
  </xsl:template>

  <xsl:template name="identifiers">
    <xsl:for-each select="key('field', '020')/marc:subfield[@code = 'a' or @code = 'z']">
      <identifier type="isbn">
        <xsl:if test="@code = 'z'"><xsl:attribute name="invalid">yes</xsl:attribute></xsl:if>
        <xsl:value-of select="m:isbn(.)"/>
      </identifier>
    </xsl:for-each>
    <xsl:for-each select="key('field', '022')/marc:subfield[contains('alz', @code)]">
      <identifier type="issn{substring('-l', 1, 2 * (@code = 'l'))}">
        <xsl:if test="@code = 'z'"><xsl:attribute name="invalid">yes</xsl:attribute></xsl:if>
        <xsl:value-of select="m:issn(.)"/>
      </identifier>
    </xsl:for-each>
    <xsl:for-each select="key('field', '010')/marc:subfield[@code = 'a' or @code = 'z']">
      <identifier type="lccn">
        <xsl:if test="@code = 'z'"><xsl:attribute name="invalid">yes</xsl:attribute></xsl:if>
        <xsl:value-of select="normalize-space(.)"/>
      </identifier>
    </xsl:for-each>
    <xsl:for-each select="key('field', '024')/marc:subfield[@code = 'a' or @code = 'z']">
      <identifier>
        <xsl:if test="@code = 'z'"><xsl:attribute name="invalid">yes</xsl:attribute></xsl:if>
        <xsl:attribute name="type">
          <xsl:choose>
            <xsl:when test="../@ind1 = '0'">isrc</xsl:when>
            <xsl:when test="../@ind1 = '1'">upc</xsl:when>
            <xsl:when test="../@ind1 = '2'">ismn</xsl:when>
            <xsl:when test="../@ind1 = '3'">ean</xsl:when>
            <xsl:when test="../@ind1 = '4'">sici</xsl:when>
            <xsl:when test="../@ind1 = '7'"><xsl:value-of select="m:lower(normalize-space(../marc:subfield[@code = '2'][1]))"/></xsl:when>
          </xsl:choose>
        </xsl:attribute>
        <xsl:value-of select="normalize-space(.)"/>
      </identifier>
    </xsl:for-each>
    <xsl:for-each select="key('field', '856')/marc:subfield[@code = 'u']">
      <identifier type="uri"><xsl:value-of select="normalize-space(.)"/></identifier>
    </xsl:for-each>
    <xsl:for-each select="key('field', '035')/marc:subfield[@code = 'a'][starts-with(normalize-space(.), '(OCoLC)')]">
      <identifier type="oclc"><xsl:value-of select="translate(substring-after(., ')'), 'ocmn ', '')"/></identifier>
    </xsl:for-each>
  </xsl:template>

  <xsl:template name="record-info">
    <xsl:variable name="entered" select="substring($fixed, 1, 6)"/>
    <recordInfo>
      <xsl:for-each select="key('field', '040')/marc:subfield[@code = 'e']">
        <descriptionStandard><xsl:value-of select="normalize-space(.)"/></descriptionStandard>
      </xsl:for-each>
      <xsl:if test="not(key('field', '040')/marc:subfield[@code = 'e'])">
        <descriptionStandard>
          <xsl:choose>
            <xsl:when test="substring(marc:leader, 19, 1) = 'a'">aacr</xsl:when>
            <xsl:when test="substring(marc:leader, 19, 1) = 'i'">isbd</xsl:when>
          </xsl:choose>
        </descriptionStandard>
      </xsl:if>
      <recordContentSource authority="marcorg"><xsl:value-of select="m:join(key('field', '040')[1], 'a')"/></recordContentSource>
      <xsl:if test="string-length($entered) = 6 and translate($entered, '0123456789', '') = ''">
        <recordCreationDate encoding="marc"><xsl:value-of select="$entered"/></recordCreationDate>
      </xsl:if>
      <recordChangeDate encoding="iso8601"><xsl:value-of select="normalize-space(marc:controlfield[@tag = '005'][1])"/></recordChangeDate>
      <recordIdentifier source="{normalize-space(marc:controlfield[@tag = '003'][1])}"><xsl:value-of select="normalize-space(marc:controlfield[@tag = '001'][1])"/></recordIdentifier>
      <xsl:for-each select="key('field', '040')/marc:subfield[@code = 'b'][m:is-code(normalize-space(.))]">
        <languageOfCataloging><languageTerm type="code" authority="iso639-2b"><xsl:value-of select="normalize-space(.)"/></languageTerm></languageOfCataloging>
      </xsl:for-each>
    </recordInfo>
  </xsl:template>
</xsl:stylesheet>
