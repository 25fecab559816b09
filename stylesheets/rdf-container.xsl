<?xml version="1.0" encoding="UTF-8"?>
<!--
  The elements of a crosswalk to Dublin Core as DC terms in RDF/XML: rdf:RDF with one rdf:Description. To be imported behind a
  crosswalk, whose template `container` it replaces. An attribute `term` of an element is its name here. A heading with the
  address of its authority comes as text and as rdf:resource; languages, DCMI types and addresses of related things come as
  rdf:resource alone. Identifiers are literals, as DCMI wants them.

  rdf:about is the parameter `record_url`, else `identifier`, else a URN made of the control number.
-->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:marc="http://www.loc.gov/MARC21/slim"
    xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dcterms="http://purl.org/dc/terms/" xmlns:bibo="http://purl.org/ontology/bibo/"
    xmlns:m="urn:x-discovery:marc" xmlns:str="http://exslt.org/strings" xmlns:exsl="http://exslt.org/common"
    extension-element-prefixes="exsl str" exclude-result-prefixes="marc m">

  <xsl:param name="record_url" select="''"/>
  <!-- Address of the record in the protocol that asks, such as an OAI identifier; or empty. -->
  <xsl:param name="identifier" select="''"/>

  <xsl:variable name="dcmi-types">|Text|Image|MovingImage|StillImage|Sound|Software|InteractiveResource|Collection|PhysicalObject|</xsl:variable>

  <!-- Codes of the subfields that may hold the address of an authority. -->
  <xsl:variable name="authority-codes" select="'01'"/>

  <xsl:template name="authority">
    <xsl:attribute name="uri"><xsl:value-of select="m:value-uri(., $authority-codes)"/></xsl:attribute>
  </xsl:template>

  <xsl:template name="container">
    <xsl:param name="elements"/>
    <xsl:variable name="number" select="normalize-space(translate(/marc:record/marc:controlfield[@tag = '001'][1], $marks, ''))"/>
    <xsl:variable name="terms">
      <xsl:apply-templates select="exsl:node-set($elements)/*[. != '']" mode="term"/>
    </xsl:variable>
    <rdf:RDF>
      <rdf:Description>
        <xsl:attribute name="rdf:about">
          <xsl:choose>
            <xsl:when test="$record_url != ''"><xsl:value-of select="$record_url"/></xsl:when>
            <xsl:when test="$identifier != ''"><xsl:value-of select="$identifier"/></xsl:when>
            <xsl:otherwise><xsl:value-of select="concat('urn:x-discovery:record:', str:encode-uri($number, true()))"/></xsl:otherwise>
          </xsl:choose>
        </xsl:attribute>
        <xsl:for-each select="exsl:node-set($terms)/*">
          <xsl:if test="not(preceding-sibling::*[name() = name(current()) and . = current() and string(@rdf:resource) = string(current()/@rdf:resource)])">
            <xsl:copy-of select="."/>
          </xsl:if>
        </xsl:for-each>
      </rdf:Description>
    </rdf:RDF>
  </xsl:template>

  <xsl:template match="*" mode="term">
    <xsl:variable name="term" select="concat('dcterms:', @term, substring(local-name(), 1 div (string(@term) = '')))"/>
    <xsl:variable name="resource">
      <xsl:choose>
        <xsl:when test="local-name() = 'language'"><xsl:value-of select="concat('http://id.loc.gov/vocabulary/iso639-2/', .)"/></xsl:when>
        <xsl:when test="local-name() = 'type' and contains($dcmi-types, concat('|', ., '|'))"><xsl:value-of select="concat('http://purl.org/dc/dcmitype/', .)"/></xsl:when>
        <xsl:when test="local-name() = 'relation' and m:is-uri(string(.))"><xsl:value-of select="."/></xsl:when>
      </xsl:choose>
    </xsl:variable>
    <xsl:choose>
      <xsl:when test="$resource != ''">
        <xsl:element name="{$term}" namespace="http://purl.org/dc/terms/"><xsl:attribute name="rdf:resource"><xsl:value-of select="$resource"/></xsl:attribute></xsl:element>
      </xsl:when>
      <xsl:otherwise>
        <xsl:element name="{$term}" namespace="http://purl.org/dc/terms/"><xsl:value-of select="."/></xsl:element>
      </xsl:otherwise>
    </xsl:choose>
    <xsl:if test="string(@uri) != ''">
      <xsl:element name="{$term}" namespace="http://purl.org/dc/terms/"><xsl:attribute name="rdf:resource"><xsl:value-of select="translate(@uri, $marks, '')"/></xsl:attribute></xsl:element>
    </xsl:if>
    <xsl:if test="local-name() = 'identifier'">
      <xsl:call-template name="standard-number"/>
    </xsl:if>
  </xsl:template>

  <xsl:template name="standard-number">
    <xsl:variable name="isbn" select="substring-after(., 'URN:ISBN:')"/>
    <xsl:choose>
      <xsl:when test="starts-with(., 'URN:ISSN:')"><bibo:issn><xsl:value-of select="substring-after(., 'URN:ISSN:')"/></bibo:issn></xsl:when>
      <xsl:when test="not(starts-with(., 'URN:ISBN:'))"/>
      <xsl:when test="string-length($isbn) = 13"><bibo:isbn13><xsl:value-of select="$isbn"/></bibo:isbn13></xsl:when>
      <xsl:otherwise><bibo:isbn10><xsl:value-of select="$isbn"/></bibo:isbn10></xsl:otherwise>
    </xsl:choose>
  </xsl:template>
</xsl:stylesheet>
