<?xml version="1.0" encoding="UTF-8"?>
<!-- UNIMARC (MARCXML) to DC terms in RDF/XML: what unimarc-to-dc.xsl says, in richer words. Parameters: see rdf-container.xsl. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:dc="http://purl.org/dc/elements/1.1/"
    xmlns:m="urn:x-discovery:marc" exclude-result-prefixes="dc m">
  <xsl:import href="unimarc-to-dc.xsl"/>
  <xsl:import href="rdf-container.xsl"/>

  <!-- $1 opens an embedded field in UNIMARC; the number of the authority record is $3. -->
  <xsl:variable name="authority-codes" select="'03'"/>

  <xsl:template name="further-terms">
    <xsl:for-each select="key('field', '215')">
      <dc:format term="extent"><xsl:value-of select="m:text(., 'a')"/></dc:format>
    </xsl:for-each>
  </xsl:template>
</xsl:stylesheet>
