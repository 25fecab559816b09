<?xml version="1.0" encoding="UTF-8"?>
<!-- One record of a result: a few lines to recognise it by, and all of it to unfold. MARCXML, Dublin Core and MODS are known. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:marc="http://www.loc.gov/MARC21/slim"
    xmlns:mx="info:lc/xmlns/marcxchange-v1" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:mods="http://www.loc.gov/mods/v3"
    xmlns:x="urn:x-discovery:sru:1" exclude-result-prefixes="marc mx dc mods x">

  <xsl:template name="record">
    <xsl:param name="open" select="false()"/>
    <xsl:variable name="data" select="*[local-name() = 'recordData']"/>
    <xsl:variable name="marc" select="$data/marc:record | $data/mx:record"/>
    <xsl:choose>
      <xsl:when test="$data/*[local-name() = 'diagnostic']">
        <p class="bad"><xsl:value-of select="$data/*/*[local-name() = 'message']"/></p>
      </xsl:when>
      <xsl:when test="$marc">
        <xsl:for-each select="$marc"><xsl:call-template name="marc-lines"/></xsl:for-each>
        <xsl:call-template name="unfolded"><xsl:with-param name="open" select="$open"/></xsl:call-template>
      </xsl:when>
      <xsl:when test="$data/*/dc:*">
        <xsl:for-each select="$data/*"><xsl:call-template name="dc-lines"/></xsl:for-each>
        <xsl:call-template name="unfolded"><xsl:with-param name="open" select="$open"/></xsl:call-template>
      </xsl:when>
      <xsl:when test="$data/mods:mods">
        <xsl:for-each select="$data/mods:mods"><xsl:call-template name="mods-lines"/></xsl:for-each>
        <xsl:call-template name="unfolded"><xsl:with-param name="open" select="$open"/></xsl:call-template>
      </xsl:when>
      <xsl:when test="$data/*">
        <div class="tree"><xsl:apply-templates select="$data/*" mode="tree"/></div>
      </xsl:when>
      <xsl:otherwise>
        <pre><xsl:value-of select="$data"/></pre>
      </xsl:otherwise>
    </xsl:choose>
  </xsl:template>

  <!-- MARC 21 has its title in 245, UNIMARC in 200; an authority record has a heading in 1XX. -->
  <xsl:template name="marc-lines">
    <xsl:variable name="fields" select="*[local-name() = 'datafield']"/>
    <xsl:variable name="is-unimarc" select="not($fields[@tag = '245']) and $fields[@tag = '200']"/>
    <xsl:variable name="heading" select="$fields[starts-with(@tag, '1') and not($is-unimarc)][1]"/>
    <xsl:variable name="title" select="($fields[@tag = '245'] | $fields[@tag = '200' and $is-unimarc])[1]"/>
    <xsl:variable name="main" select="$fields[not($is-unimarc) and (@tag = '100' or @tag = '110' or @tag = '111')] | $fields[$is-unimarc and (@tag = '700' or @tag = '710' or @tag = '720')]"/>
    <xsl:variable name="others" select="$fields[not($is-unimarc) and (@tag = '700' or @tag = '710' or @tag = '711')] | $fields[$is-unimarc and (@tag = '701' or @tag = '702' or @tag = '711' or @tag = '712')]"/>
    <xsl:variable name="imprint" select="($fields[not($is-unimarc) and (@tag = '260' or (@tag = '264' and @ind2 = '1'))] | $fields[$is-unimarc and (@tag = '210' or @tag = '214')])[1]"/>
    <xsl:variable name="subjects" select="$fields[starts-with(@tag, '6') and *[local-name() = 'subfield' and @code = 'a']][position() &lt; 7]"/>
    <xsl:call-template name="heading">
      <xsl:with-param name="text">
      <xsl:choose>
          <xsl:when test="$title"><xsl:call-template name="joined"><xsl:with-param name="of" select="$title/*[contains('abehinp', @code)]"/></xsl:call-template></xsl:when>
          <xsl:when test="$heading"><xsl:call-template name="joined"><xsl:with-param name="of" select="$heading/*[contains('abcdfgklmnpqtvxyz', @code)]"/></xsl:call-template></xsl:when>
          <xsl:otherwise><xsl:value-of select="$say/untitled"/></xsl:otherwise>
        </xsl:choose>
      </xsl:with-param>
    </xsl:call-template>
    <xsl:if test="$title and ($main or $others)">
      <p class="by">
        <xsl:for-each select="($main | $others)[position() &lt; 5]">
          <xsl:if test="position() != 1">; </xsl:if>
          <xsl:call-template name="joined"><xsl:with-param name="of" select="*[contains('abcq', @code)]"/></xsl:call-template>
        </xsl:for-each>
      </p>
    </xsl:if>
    <xsl:if test="$imprint">
      <p class="imprint"><xsl:call-template name="joined"><xsl:with-param name="of" select="$imprint/*[contains('abcd', @code)]"/></xsl:call-template></p>
    </xsl:if>
    <xsl:if test="$title and $subjects">
      <ul class="tags" aria-label="{$say/subjects}">
        <xsl:for-each select="$subjects">
          <xsl:variable name="own" select="translate(*[@code = 'a'][1], '.', '')"/>
          <xsl:if test="not(preceding-sibling::*[starts-with(@tag, '6') and translate(*[@code = 'a'][1], '.', '') = $own])">
            <li><xsl:value-of select="$own"/></li>
          </xsl:if>
        </xsl:for-each>
      </ul>
    </xsl:if>
  </xsl:template>

  <!-- The title of a record, linked to a page of its own where the answer says which. -->
  <xsl:template name="heading">
    <xsl:param name="text"/>
    <xsl:variable name="address" select="ancestor::*[local-name() = 'record' and *[local-name() = 'recordData']]/*[local-name() = 'extraRecordData']/x:link[@rel = 'record']/@href"/>
    <h2 class="title">
      <xsl:choose>
        <xsl:when test="$address"><a href="{$address}"><xsl:value-of select="$text"/></a></xsl:when>
        <xsl:otherwise><xsl:value-of select="$text"/></xsl:otherwise>
      </xsl:choose>
    </h2>
  </xsl:template>

  <!-- Subfields in order, without the punctuation at the end. -->
  <xsl:template name="joined">
    <xsl:param name="of"/>
    <xsl:variable name="text">
      <xsl:for-each select="$of"><xsl:value-of select="concat(., ' ')"/></xsl:for-each>
    </xsl:variable>
    <xsl:variable name="plain" select="normalize-space(translate($text, '&#x88;&#x89;&#x98;&#x9C;', ''))"/>
    <xsl:variable name="last" select="substring($plain, string-length($plain))"/>
    <xsl:choose>
      <xsl:when test="$plain != '' and contains('/:;=,', $last)"><xsl:value-of select="normalize-space(substring($plain, 1, string-length($plain) - 1))"/></xsl:when>
      <xsl:otherwise><xsl:value-of select="$plain"/></xsl:otherwise>
    </xsl:choose>
  </xsl:template>

  <xsl:template name="dc-lines">
    <xsl:call-template name="heading">
      <xsl:with-param name="text">
      <xsl:choose>
          <xsl:when test="dc:title"><xsl:value-of select="dc:title[1]"/></xsl:when>
          <xsl:otherwise><xsl:value-of select="$say/untitled"/></xsl:otherwise>
        </xsl:choose>
      </xsl:with-param>
    </xsl:call-template>
    <xsl:if test="dc:creator | dc:contributor">
      <p class="by">
        <xsl:for-each select="(dc:creator | dc:contributor)[position() &lt; 5]"><xsl:if test="position() != 1">; </xsl:if><xsl:value-of select="."/></xsl:for-each>
      </p>
    </xsl:if>
    <xsl:if test="dc:publisher | dc:date">
      <p class="imprint"><xsl:value-of select="dc:publisher[1]"/><xsl:if test="dc:publisher and dc:date">, </xsl:if><xsl:value-of select="dc:date[1]"/></p>
    </xsl:if>
    <xsl:if test="dc:subject">
      <ul class="tags" aria-label="{$say/subjects}">
        <xsl:for-each select="dc:subject[position() &lt; 7]"><li><xsl:value-of select="."/></li></xsl:for-each>
      </ul>
    </xsl:if>
  </xsl:template>

  <xsl:template name="mods-lines">
    <xsl:variable name="title" select="mods:titleInfo[not(@type)][1]"/>
    <xsl:call-template name="heading">
      <xsl:with-param name="text">
      <xsl:value-of select="normalize-space(concat($title/mods:nonSort, ' ', $title/mods:title))"/>
        <xsl:if test="$title/mods:subTitle">: <xsl:value-of select="$title/mods:subTitle"/></xsl:if>
      </xsl:with-param>
    </xsl:call-template>
    <xsl:if test="mods:name">
      <p class="by">
        <xsl:for-each select="mods:name[position() &lt; 5]"><xsl:if test="position() != 1">; </xsl:if><xsl:value-of select="mods:namePart[not(@type = 'date')]"/></xsl:for-each>
      </p>
    </xsl:if>
    <p class="imprint"><xsl:value-of select="mods:originInfo/mods:publisher"/><xsl:text> </xsl:text><xsl:value-of select="mods:originInfo/mods:dateIssued"/></p>
  </xsl:template>

  <xsl:template name="unfolded">
    <xsl:param name="open"/>
    <xsl:variable name="data" select="*[local-name() = 'recordData']"/>
    <details>
      <xsl:if test="$open"><xsl:attribute name="open">open</xsl:attribute></xsl:if>
      <summary><xsl:value-of select="$say/all-fields"/></summary>
      <xsl:choose>
        <xsl:when test="$data/marc:record | $data/mx:record">
          <table class="marc">
            <thead class="unseen"><tr><th scope="col"><xsl:value-of select="$say/field"/></th><th scope="col"><xsl:value-of select="$say/content"/></th></tr></thead>
            <tbody>
              <xsl:for-each select="$data/*/*[local-name() != 'datafield']">
                <tr><th scope="row"><xsl:value-of select="@tag"/><xsl:if test="not(@tag)">000</xsl:if></th><td class="fixed"><xsl:value-of select="."/></td></tr>
              </xsl:for-each>
              <xsl:for-each select="$data/*/*[local-name() = 'datafield']">
                <tr>
                  <th scope="row"><xsl:value-of select="concat(@tag, ' ', translate(@ind1, ' ', '·'), translate(@ind2, ' ', '·'))"/></th>
                  <td><xsl:for-each select="*"><b>$<xsl:value-of select="@code"/></b><xsl:value-of select="concat(' ', ., ' ')"/></xsl:for-each></td>
                </tr>
              </xsl:for-each>
            </tbody>
          </table>
        </xsl:when>
        <xsl:otherwise>
          <div class="tree"><xsl:apply-templates select="$data/*" mode="tree"/></div>
        </xsl:otherwise>
      </xsl:choose>
    </details>
  </xsl:template>

  <!-- Any XML: one element a line, children indented. -->
  <xsl:template match="*" mode="tree">
    <div>
      <code><xsl:value-of select="local-name()"/></code>
      <xsl:for-each select="@*[name() != 'xsi:schemaLocation']"><span class="attribute"><xsl:value-of select="concat(' ', local-name(), '=', .)"/></span></xsl:for-each>
      <xsl:if test="not(*)"><xsl:value-of select="concat(' ', .)"/></xsl:if>
      <xsl:apply-templates select="*" mode="tree"/>
    </div>
  </xsl:template>
</xsl:stylesheet>
