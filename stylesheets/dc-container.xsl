<?xml version="1.0" encoding="UTF-8"?>
<!--
  The element around simple Dublin Core. The parameter `container` chooses it: "srw" (info:srw/schema/1/dc-v1.1, for SRU) or
  "oai_dc" (for OAI-PMH). Empty values are dropped and each value of an element is written once.

  Crosswalks give DC elements with an attribute `term` where a richer vocabulary has a name of its own for what they say; here
  it is not used. rdf-container.xsl writes the same elements as DC terms and fills in the templates `authority` and `further-terms`.
  What indexer/dublin_core.py writes is the same as what this gives; a test compares them.
-->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:dc="http://purl.org/dc/elements/1.1/"
    xmlns:srw_dc="info:srw/schema/1/dc-schema" xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/"
    xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:exsl="http://exslt.org/common" extension-element-prefixes="exsl" exclude-result-prefixes="srw_dc oai_dc xsi">

  <xsl:param name="container" select="'srw'"/>
  <!-- Address of the record for people, or empty: becomes the first identifier. -->
  <xsl:param name="record_url" select="''"/>

  <xsl:template name="container">
    <xsl:param name="elements"/>
    <xsl:choose>
      <xsl:when test="$container = 'oai_dc'">
        <oai_dc:dc xmlns:dc="http://purl.org/dc/elements/1.1/" xsi:schemaLocation="http://www.openarchives.org/OAI/2.0/oai_dc/ http://www.openarchives.org/OAI/2.0/oai_dc.xsd">
          <xsl:call-template name="once">
            <xsl:with-param name="elements" select="exsl:node-set($elements)/*"/>
          </xsl:call-template>
        </oai_dc:dc>
      </xsl:when>
      <xsl:otherwise>
        <srw_dc:dc xmlns:dc="http://purl.org/dc/elements/1.1/">
          <xsl:call-template name="once">
            <xsl:with-param name="elements" select="exsl:node-set($elements)/*"/>
          </xsl:call-template>
        </srw_dc:dc>
      </xsl:otherwise>
    </xsl:choose>
  </xsl:template>

  <!-- In an element made of a heading: adds an attribute `uri` with the address of its authority. -->
  <xsl:template name="authority"/>

  <!-- In a record: elements that simple Dublin Core does not have. -->
  <xsl:template name="further-terms"/>

  <xsl:template name="once">
    <xsl:param name="elements"/>
    <xsl:for-each select="$elements[. != '']">
      <xsl:if test="not(preceding-sibling::*[name() = name(current()) and . = current()])">
        <xsl:element name="{name()}" namespace="http://purl.org/dc/elements/1.1/">
          <xsl:value-of select="."/>
        </xsl:element>
      </xsl:if>
    </xsl:for-each>
  </xsl:template>
</xsl:stylesheet>
