<?xml version="1.0" encoding="UTF-8"?>
<!--
  What every crosswalk to MODS 3.7 needs: the root element, and a last pass that leaves out whatever came out empty. So the
  crosswalks write elements freely and need no test around each of them. Non-sorting marks go here too, wherever they were.
-->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns="http://www.loc.gov/mods/v3"
    xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
    xmlns:exsl="http://exslt.org/common" extension-element-prefixes="exsl" exclude-result-prefixes="xsi">

  <xsl:template name="mods">
    <xsl:param name="elements"/>
    <mods xsi:schemaLocation="http://www.loc.gov/mods/v3 http://www.loc.gov/standards/mods/v3/mods-3-7.xsd" version="3.7">
      <xsl:apply-templates select="exsl:node-set($elements)/*" mode="kept"/>
    </mods>
  </xsl:template>

  <xsl:template match="*" mode="kept">
    <xsl:if test="normalize-space(.) != ''">
      <xsl:element name="{local-name()}">
        <xsl:for-each select="@*[. != '']">
          <xsl:attribute name="{local-name()}"><xsl:value-of select="translate(., $marks, '')"/></xsl:attribute>
        </xsl:for-each>
        <xsl:apply-templates mode="kept"/>
      </xsl:element>
    </xsl:if>
  </xsl:template>

  <xsl:template match="text()" mode="kept">
    <xsl:value-of select="translate(., $marks, '')"/>
  </xsl:template>
</xsl:stylesheet>
