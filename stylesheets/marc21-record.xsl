<?xml version="1.0" encoding="UTF-8"?>
<!--
  A MARC 21 record made ready for a crosswalk: every field 880 becomes a field of the tag that its $6 names, and stands
  directly after the field it parallels. An 880 without partner (occurrence 00, or a partner that is not there) follows
  at the end. So a crosswalk reads tag after tag and meets both scripts without knowing of 880.
-->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:marc="http://www.loc.gov/MARC21/slim"
    exclude-result-prefixes="marc">

  <xsl:key name="other-script" match="marc:datafield[@tag = '880']" use="substring(marc:subfield[@code = '6'], 1, 6)"/>

  <xsl:template match="marc:record" mode="arrange">
    <xsl:copy>
      <xsl:copy-of select="marc:leader | marc:controlfield"/>
      <xsl:for-each select="marc:datafield[@tag != '880']">
        <xsl:copy-of select="."/>
        <xsl:variable name="link" select="substring(marc:subfield[@code = '6'], 5, 2)"/>
        <xsl:if test="$link != '' and $link != '00'">
          <xsl:apply-templates select="key('other-script', concat(@tag, '-', $link))" mode="arrange"/>
        </xsl:if>
      </xsl:for-each>
      <xsl:for-each select="marc:datafield[@tag = '880'][marc:subfield[@code = '6']]">
        <xsl:variable name="tag" select="substring(marc:subfield[@code = '6'], 1, 3)"/>
        <xsl:variable name="link" select="concat('880-', substring(marc:subfield[@code = '6'], 5, 2))"/>
        <xsl:if test="not(../marc:datafield[@tag = $tag][substring(marc:subfield[@code = '6'], 1, 6) = $link])">
          <xsl:apply-templates select="." mode="arrange"/>
        </xsl:if>
      </xsl:for-each>
    </xsl:copy>
  </xsl:template>

  <xsl:template match="marc:datafield" mode="arrange">
    <marc:datafield tag="{substring(marc:subfield[@code = '6'], 1, 3)}" ind1="{@ind1}" ind2="{@ind2}">
      <xsl:copy-of select="marc:subfield"/>
    </marc:datafield>
  </xsl:template>
</xsl:stylesheet>
