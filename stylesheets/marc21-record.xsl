<?xml version="1.0" encoding="UTF-8"?>
<!--
  A MARC 21 record made ready for a crosswalk: every field 880 becomes a field of the tag that its $6 names, and stands
  directly after the field it parallels: one of that tag whose $6 has the same occurrence number. An 880 without partner
  (occurrence 00, or a partner that is not there) follows at the end, one without $6 is left out. So a crosswalk reads tag after tag and meets both scripts without knowing of 880.
-->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:marc="http://www.loc.gov/MARC21/slim"
    exclude-result-prefixes="marc">

  <xsl:key name="other-script" match="marc:datafield[@tag = '880']" use="concat(substring(marc:subfield[@code = '6'], 1, 3), '-', substring(marc:subfield[@code = '6'], 5, 2))"/>
  <xsl:key name="partner" match="marc:datafield[@tag != '880'][substring(marc:subfield[@code = '6'], 5, 2) != '00']" use="concat(@tag, '-', substring(marc:subfield[@code = '6'], 5, 2))"/>

  <xsl:template match="marc:record" mode="arrange">
    <xsl:copy>
      <xsl:copy-of select="marc:leader | marc:controlfield"/>
      <xsl:for-each select="marc:datafield[@tag != '880']">
        <xsl:copy-of select="."/>
        <xsl:variable name="occurrence" select="substring(marc:subfield[@code = '6'], 5, 2)"/>
        <xsl:if test="string-length($occurrence) = 2 and $occurrence != '00'">
          <xsl:apply-templates select="key('other-script', concat(@tag, '-', $occurrence))" mode="arrange"/>
        </xsl:if>
      </xsl:for-each>
      <xsl:for-each select="marc:datafield[@tag = '880'][marc:subfield[@code = '6']]">
        <xsl:variable name="tag" select="substring(marc:subfield[@code = '6'], 1, 3)"/>
        <xsl:variable name="occurrence" select="substring(marc:subfield[@code = '6'], 5, 2)"/>
        <xsl:if test="string-length($occurrence) != 2 or not(key('partner', concat($tag, '-', $occurrence)))">
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
