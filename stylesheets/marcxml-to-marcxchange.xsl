<?xml version="1.0" encoding="UTF-8"?>
<!-- MARCXML to MarcXchange (ISO 25577): the same elements in another namespace, format and type told on the record. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:marc="http://www.loc.gov/MARC21/slim"
    xmlns="info:lc/xmlns/marcxchange-v1" exclude-result-prefixes="marc">

  <xsl:param name="format" select="'MARC21'"/>

  <xsl:template match="/marc:record">
    <record format="{$format}">
      <xsl:attribute name="type">
        <xsl:choose>
          <xsl:when test="substring(marc:leader, 7, 1) = 'z' and $format = 'MARC21'">Authority</xsl:when>
          <xsl:when test="contains('uvxy', substring(marc:leader, 7, 1)) and $format = 'MARC21'">Holdings</xsl:when>
          <xsl:otherwise>Bibliographic</xsl:otherwise>
        </xsl:choose>
      </xsl:attribute>
      <xsl:apply-templates/>
    </record>
  </xsl:template>

  <xsl:template match="marc:*">
    <xsl:element name="{local-name()}">
      <xsl:copy-of select="@*"/>
      <xsl:apply-templates/>
    </xsl:element>
  </xsl:template>
</xsl:stylesheet>
