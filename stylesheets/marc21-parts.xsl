<?xml version="1.0" encoding="UTF-8"?>
<!--
  Pieces of a MARC 21 record that both Dublin Core and MODS need.

    m:title(field)                245 in one line, title and subtitle separated by " : "
    m:name(field)                 a heading of 1XX or 7XX without title and relator
    m:is-creator(field, main)     whether an added entry made the work: its relator says so, or there is neither relator nor main entry;
                                  relators are $4 and $e, in X11 (where $e is a part of the name) $4 and $j
    m:heading(field, codes)       a subject heading, its subdivisions joined by two hyphens between blanks
    m:dashed(field, codes)        subfields joined in the same way
-->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:marc="http://www.loc.gov/MARC21/slim"
    xmlns:m="urn:x-discovery:marc" xmlns:func="http://exslt.org/functions" extension-element-prefixes="func"
    exclude-result-prefixes="marc m">

  <xsl:variable name="makers">|aut|cmp|art|cre|pht|prg|author|composer|artist|creator|photographer|programmer|joint author|co-author|</xsl:variable>

  <func:function name="m:title">
    <xsl:param name="field"/>
    <xsl:variable name="joined">
      <xsl:for-each select="$field/marc:subfield[contains('abnpfgks', @code)]">
        <xsl:variable name="before" select="normalize-space(translate(preceding-sibling::marc:subfield[contains('abnpfgks', @code)][1], $marks, ''))"/>
        <xsl:if test="@code = 'b' and $before != '' and not(contains(':;=/', substring($before, string-length($before))))"> : </xsl:if>
        <xsl:value-of select="concat(' ', .)"/>
      </xsl:for-each>
    </xsl:variable>
    <func:result select="m:chop(normalize-space(translate($joined, $marks, '')))"/>
  </func:function>

  <func:function name="m:name">
    <xsl:param name="field"/>
    <xsl:choose>
      <xsl:when test="substring($field/@tag, 2) = '00' or $field/@tag = '720'">
        <func:result select="m:text($field, 'abcqdn')"/>
      </xsl:when>
      <xsl:otherwise>
        <func:result select="m:text($field, 'abndc')"/>
      </xsl:otherwise>
    </xsl:choose>
  </func:function>

  <func:function name="m:is-creator">
    <xsl:param name="field"/>
    <xsl:param name="main"/>
    <xsl:variable name="relators" select="$field/marc:subfield[@code = '4' or @code = substring('ej', 1 + (substring(../@tag, 2) = '11'), 1)]"/>
    <func:result select="(not($relators) and not($main)) or boolean($relators[contains($makers, concat('|', m:relator(.), '|'))])"/>
  </func:function>

  <!-- A relator code out of "aut" or "http://id.loc.gov/vocabulary/relators/aut", a relator term out of "Author,". -->
  <func:function name="m:relator">
    <xsl:param name="subfield"/>
    <xsl:variable name="text" select="normalize-space(translate($subfield, $marks, ''))"/>
    <xsl:choose>
      <xsl:when test="contains($text, '/relators/')">
        <func:result select="substring(substring-after($text, '/relators/'), 1, 3)"/>
      </xsl:when>
      <xsl:otherwise>
        <func:result select="m:lower(m:chop(translate($text, '.', '')))"/>
      </xsl:otherwise>
    </xsl:choose>
  </func:function>

  <func:function name="m:heading">
    <xsl:param name="field"/>
    <xsl:param name="codes"/>
    <xsl:variable name="joined">
      <xsl:value-of select="m:text($field, $codes)"/>
      <xsl:for-each select="$field/marc:subfield[contains('vxyz', @code)]">
        <xsl:value-of select="m:after(' -- ', m:chop(normalize-space(translate(., $marks, ''))))"/>
      </xsl:for-each>
    </xsl:variable>
    <func:result select="m:without-start($joined, ' -- ')"/>
  </func:function>

  <func:function name="m:dashed">
    <xsl:param name="field"/>
    <xsl:param name="codes"/>
    <xsl:variable name="joined">
      <xsl:for-each select="$field/marc:subfield[contains($codes, @code)]">
        <xsl:value-of select="m:after(' -- ', m:chop(normalize-space(translate(., $marks, ''))))"/>
      </xsl:for-each>
    </xsl:variable>
    <func:result select="m:without-start($joined, ' -- ')"/>
  </func:function>
</xsl:stylesheet>
