<?xml version="1.0" encoding="UTF-8"?>
<!-- MARC 21 (MARCXML) to DC terms in RDF/XML: what marc21-to-dc.xsl says, in richer words. Parameters: see rdf-container.xsl. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:dc="http://purl.org/dc/elements/1.1/"
    xmlns:m="urn:x-discovery:marc" exclude-result-prefixes="dc m">
  <xsl:import href="marc21-to-dc.xsl"/>
  <xsl:import href="rdf-container.xsl"/>

  <xsl:template name="further-terms">
    <xsl:for-each select="key('field', '300')">
      <dc:format term="extent"><xsl:value-of select="m:text(., 'a')"/></dc:format>
    </xsl:for-each>
    <xsl:for-each select="key('field', '648')">
      <dc:coverage term="temporal"><xsl:call-template name="authority"/><xsl:value-of select="m:text(., 'a')"/></dc:coverage>
    </xsl:for-each>
  </xsl:template>
</xsl:stylesheet>
