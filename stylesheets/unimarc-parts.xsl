<?xml version="1.0" encoding="UTF-8"?>
<!--
  Pieces of a UNIMARC record that both Dublin Core and MODS need.

    m:person(field, codes)        7XX or 60X: the parts of the name joined by commas, $d after a blank, dates ($f) in parentheses
    m:unimarc-heading(field)      60X as a subject, its subdivisions joined by two hyphens between blanks
    m:is-author(field)            whether $4 says that the person made the work (or says nothing)
    m:linked(field, code)         a subfield of a linking field 4XX, also where the linked record is embedded behind $1
-->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:marc="http://www.loc.gov/MARC21/slim"
    xmlns:m="urn:x-discovery:marc" xmlns:func="http://exslt.org/functions" extension-element-prefixes="func"
    exclude-result-prefixes="marc m">

  <!-- author, composer, artist, collaborator, antecedent author, photographer -->
  <xsl:variable name="authors" select="'|070|230|040|205|100|600|'"/>

  <func:function name="m:person">
    <xsl:param name="field"/>
    <xsl:param name="codes"/>
    <xsl:variable name="dates" select="translate(m:chop(normalize-space(translate($field/marc:subfield[@code = 'f'][1], $marks, ''))), '()', '')"/>
    <xsl:variable name="joined">
      <xsl:for-each select="$field/marc:subfield[contains($codes, @code)]">
        <xsl:value-of select="m:after(substring(', ', 1 + (@code = 'd')), m:chop(normalize-space(translate(., $marks, ''))))"/>
      </xsl:for-each>
      <xsl:if test="$dates != ''">
        <xsl:value-of select="concat(' (', $dates, ')')"/>
      </xsl:if>
    </xsl:variable>
    <func:result select="normalize-space(m:without-start($joined, ', '))"/>
  </func:function>

  <func:function name="m:unimarc-heading">
    <xsl:param name="field"/>
    <xsl:variable name="joined">
      <xsl:choose>
        <xsl:when test="contains('600 601 602', $field/@tag)">
          <xsl:value-of select="m:person($field, 'abcd')"/>
        </xsl:when>
        <xsl:otherwise>
          <xsl:value-of select="m:text($field, 'abcdft')"/>
        </xsl:otherwise>
      </xsl:choose>
      <xsl:for-each select="$field/marc:subfield[contains('xyz', @code)]">
        <xsl:value-of select="m:after(' -- ', m:chop(normalize-space(translate(., $marks, ''))))"/>
      </xsl:for-each>
    </xsl:variable>
    <func:result select="m:without-start($joined, ' -- ')"/>
  </func:function>

  <func:function name="m:is-author">
    <xsl:param name="field"/>
    <xsl:variable name="roles" select="$field/marc:subfield[@code = '4']"/>
    <func:result select="not($roles) or boolean($roles[contains($authors, concat('|', normalize-space(.), '|'))])"/>
  </func:function>

  <!-- Where $1 opens an embedded field, its title is $a of the embedded 200; ISSN and ISBN are $a of 011 and 010. -->
  <func:function name="m:linked">
    <xsl:param name="field"/>
    <xsl:param name="code"/>
    <xsl:variable name="embedded" select="substring('200011010', 3 * string-length(substring-before('txy', $code)) + 1, 3)"/>
    <xsl:choose>
      <xsl:when test="$field/marc:subfield[@code = '1']">
        <func:result select="m:chop(normalize-space(translate($field/marc:subfield[@code = 'a'][starts-with(preceding-sibling::marc:subfield[@code = '1'][1], $embedded)][1], $marks, '')))"/>
      </xsl:when>
      <xsl:otherwise>
        <func:result select="m:chop(normalize-space(translate($field/marc:subfield[@code = $code][1], $marks, '')))"/>
      </xsl:otherwise>
    </xsl:choose>
  </func:function>
</xsl:stylesheet>
