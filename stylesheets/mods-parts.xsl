<?xml version="1.0" encoding="UTF-8"?>
<!--
  What every crosswalk to MODS 3.7 needs: the root element, and a last pass that leaves out whatever came out empty. So the
  crosswalks write elements freely and need no test around each of them.

    m:is-uri(text)     whether a text can stand where the schema wants an address
-->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns="http://www.loc.gov/mods/v3"
    xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:m="urn:x-discovery:marc" xmlns:func="http://exslt.org/functions"
    xmlns:exsl="http://exslt.org/common" extension-element-prefixes="exsl func" exclude-result-prefixes="m xsi">

  <xsl:template name="mods">
    <xsl:param name="elements"/>
    <mods xsi:schemaLocation="http://www.loc.gov/mods/v3 http://www.loc.gov/standards/mods/v3/mods-3-7.xsd" version="3.7">
      <xsl:apply-templates select="exsl:node-set($elements)/*" mode="kept"/>
    </mods>
  </xsl:template>

  <xsl:template match="*" mode="kept">
    <xsl:if test="normalize-space(.) != ''">
      <xsl:element name="{local-name()}">
        <xsl:copy-of select="@*[. != '']"/>
        <xsl:apply-templates mode="kept"/>
      </xsl:element>
    </xsl:if>
  </xsl:template>

  <func:function name="m:is-uri">
    <xsl:param name="text"/>
    <func:result select="(starts-with($text, 'http://') or starts-with($text, 'https://') or starts-with($text, 'ftp://') or starts-with($text, 'urn:'))
        and string-length($text) &gt; 10 and translate($text, ' &lt;&gt;&quot;{}|\^`[]%#', '') = translate($text, '%#', '')
        and not(contains(substring-after($text, '#'), '#')) and not(contains(translate($text, '123456789abcdefABCDEF', '000000000000000000000'), '%')
        and string-length($text) - string-length(translate($text, '%', '')) != m:escapes(translate($text, '123456789abcdefABCDEF', '000000000000000000000')))
        and not(contains(substring-before(concat(substring-after($text, '://'), '/'), '/'), ':') and translate(substring-after(substring-before(concat(substring-after($text, '://'), '/'), '/'), ':'), '0123456789', '') != '')"/>
  </func:function>

  <!-- How many well-formed percent escapes there are, in a text whose hexadecimal digits all read 0. -->
  <func:function name="m:escapes">
    <xsl:param name="text"/>
    <xsl:choose>
      <xsl:when test="contains($text, '%00')">
        <func:result select="1 + m:escapes(substring-after($text, '%00'))"/>
      </xsl:when>
      <xsl:otherwise>
        <func:result select="0"/>
      </xsl:otherwise>
    </xsl:choose>
  </func:function>
</xsl:stylesheet>
