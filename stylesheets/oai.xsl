<?xml version="1.0" encoding="UTF-8"?>
<!--
  OAI-PMH answers as pages: the six verbs and the errors, for people who look at what harvesters get.

  The server applies it for browsers that go to the address as a page; it keeps to XSLT 1.0 and exsl:node-set.
  Parameters: `language` (en, sv), `library` (name shown at the top), `path` (address of the service, for links).
-->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:o="http://www.openarchives.org/OAI/2.0/"
    xmlns:exsl="http://exslt.org/common" exclude-result-prefixes="o exsl">
  <xsl:output method="html" encoding="UTF-8" doctype-system="about:legacy-compat" indent="no"/>
  <xsl:param name="language" select="'en'"/>
  <xsl:param name="library" select="'Hylla'"/>
  <xsl:param name="path" select="'/oai'"/>

  <xsl:variable name="say" select="exsl:node-set($texts)/*[name() = $language]"/>
  <xsl:variable name="texts">
    <en>
      <skip>Skip to content</skip><pages>Pages</pages><start>Start</start>
      <lead>Records for harvesters, by the Open Archives protocol (OAI-PMH 2.0).</lead>
      <answered>Answered</answered><error>Error</error><deleted>deleted</deleted><changed>Changed</changed><sets>Sets</sets>
      <record>Show the record</record><next>Next page</next><of>of</of><from>From number</from><last>This is the last page.</last>
      <identifiers>Headers</identifiers><records>Records</records><schema>Schema</schema><namespace>Namespace</namespace>
      <verb name="Identify">About</verb><verb name="ListMetadataFormats">Formats</verb><verb name="ListSets">Sets</verb>
      <verb name="ListRecords">Records</verb><verb name="ListIdentifiers">Headers</verb><verb name="GetRecord">Record</verb>
      <t name="repositoryName">Name</t><t name="baseURL">Address for harvesters</t><t name="protocolVersion">Protocol version</t>
      <t name="adminEmail">Contact</t><t name="earliestDatestamp">Earliest change</t><t name="deletedRecord">Deletions are kept</t>
      <t name="granularity">Granularity</t><t name="compression">Compression</t>
    </en>
    <sv>
      <skip>Hoppa till innehållet</skip><pages>Sidor</pages><start>Start</start>
      <lead>Poster för skördare, enligt Open Archives-protokollet (OAI-PMH 2.0).</lead>
      <answered>Besvarat</answered><error>Fel</error><deleted>raderad</deleted><changed>Ändrad</changed><sets>Mängder</sets>
      <record>Visa posten</record><next>Nästa sida</next><of>av</of><from>Från nummer</from><last>Det här är sista sidan.</last>
      <identifiers>Huvuden</identifiers><records>Poster</records><schema>Schema</schema><namespace>Namnrymd</namespace>
      <verb name="Identify">Om tjänsten</verb><verb name="ListMetadataFormats">Format</verb><verb name="ListSets">Mängder</verb>
      <verb name="ListRecords">Poster</verb><verb name="ListIdentifiers">Huvuden</verb><verb name="GetRecord">Post</verb>
      <t name="repositoryName">Namn</t><t name="baseURL">Adress för skördare</t><t name="protocolVersion">Protokollversion</t>
      <t name="adminEmail">Kontakt</t><t name="earliestDatestamp">Tidigaste ändring</t><t name="deletedRecord">Raderingar sparas</t>
      <t name="granularity">Noggrannhet</t><t name="compression">Komprimering</t>
    </sv>
  </xsl:variable>

  <xsl:variable name="answer" select="/o:OAI-PMH"/>
  <xsl:variable name="asked" select="$answer/o:request"/>
  <xsl:variable name="verb" select="string($asked/@verb)"/>

  <xsl:template match="/">
    <html lang="{$language}">
      <head>
        <meta name="viewport" content="width=device-width, initial-scale=1"/>
        <title><xsl:value-of select="concat('OAI-PMH – ', $library)"/></title>
        <link rel="icon" href="/static/shelf.svg" type="image/svg+xml"/>
        <link rel="stylesheet" href="/static/pages.css"/>
        <link rel="stylesheet" href="/stylesheets/sru.css"/>
      </head>
      <body>
        <a class="skip" href="#content"><xsl:value-of select="$say/skip"/></a>
        <header class="top">
          <a class="brand" href="/"><img src="/static/shelf.svg" alt="" width="34" height="34"/><span><xsl:value-of select="$library"/></span></a>
          <nav aria-label="{$say/pages}">
            <xsl:call-template name="tab"><xsl:with-param name="of" select="'Identify'"/></xsl:call-template>
            <xsl:call-template name="tab"><xsl:with-param name="of" select="'ListMetadataFormats'"/></xsl:call-template>
            <xsl:call-template name="tab"><xsl:with-param name="of" select="'ListSets'"/></xsl:call-template>
            <xsl:call-template name="tab">
              <xsl:with-param name="of" select="'ListRecords'"/><xsl:with-param name="more" select="'&amp;metadataPrefix=oai_dc'"/>
            </xsl:call-template>
            <xsl:call-template name="tab">
              <xsl:with-param name="of" select="'ListIdentifiers'"/><xsl:with-param name="more" select="'&amp;metadataPrefix=oai_dc'"/>
            </xsl:call-template>
          </nav>
        </header>
        <main id="content" tabindex="-1">
          <h1>
            <xsl:choose>
              <xsl:when test="$answer/o:error"><xsl:value-of select="$say/error"/></xsl:when>
              <xsl:when test="$answer/o:Identify"><xsl:value-of select="$answer/o:Identify/o:repositoryName"/></xsl:when>
              <xsl:otherwise><xsl:value-of select="$say/verb[@name = $verb]"/></xsl:otherwise>
            </xsl:choose>
          </h1>
          <p class="lead"><xsl:value-of select="$say/lead"/></p>
          <xsl:apply-templates select="$answer/*[not(self::o:responseDate or self::o:request or self::o:error)]"/>
          <xsl:if test="$answer/o:error"><ul class="results"><xsl:apply-templates select="$answer/o:error"/></ul></xsl:if>
        </main>
        <footer><p><xsl:value-of select="concat($say/answered, ' ', $answer/o:responseDate)"/></p></footer>
      </body>
    </html>
  </xsl:template>

  <xsl:template name="tab">
    <xsl:param name="of"/>
    <xsl:param name="more" select="''"/>
    <a href="{$path}?verb={$of}{$more}">
      <xsl:if test="$verb = $of"><xsl:attribute name="aria-current">page</xsl:attribute></xsl:if>
      <xsl:value-of select="$say/verb[@name = $of]"/>
    </a>
  </xsl:template>

  <xsl:template match="o:error">
    <li><p class="title"><xsl:value-of select="."/></p><ul class="tags"><li><xsl:value-of select="@code"/></li></ul></li>
  </xsl:template>

  <xsl:template match="o:Identify">
    <div class="wide"><table><tbody>
      <xsl:for-each select="*[not(self::o:description)]">
        <xsl:variable name="name" select="local-name()"/>
        <tr><th scope="row"><xsl:value-of select="$say/t[@name = $name]"/></th><td><xsl:value-of select="."/></td></tr>
      </xsl:for-each>
    </tbody></table></div>
    <xsl:for-each select="o:description">
      <details><summary><code><xsl:value-of select="local-name(*)"/></code></summary><div class="tree"><xsl:apply-templates select="*" mode="tree"/></div></details>
    </xsl:for-each>
  </xsl:template>

  <xsl:template match="o:ListMetadataFormats">
    <ul class="results">
      <xsl:for-each select="o:metadataFormat">
        <li>
          <p class="title"><code><xsl:value-of select="o:metadataPrefix"/></code></p>
          <p class="imprint"><xsl:value-of select="concat($say/namespace, ': ', o:metadataNamespace)"/></p>
          <p class="imprint"><xsl:value-of select="concat($say/schema, ': ')"/><a href="{o:schema}"><xsl:value-of select="o:schema"/></a></p>
          <p class="by">
            <a href="{$path}?verb=ListRecords&amp;metadataPrefix={o:metadataPrefix}"><xsl:value-of select="$say/records"/></a>
            <xsl:text> · </xsl:text>
            <a href="{$path}?verb=ListIdentifiers&amp;metadataPrefix={o:metadataPrefix}"><xsl:value-of select="$say/identifiers"/></a>
          </p>
        </li>
      </xsl:for-each>
    </ul>
  </xsl:template>

  <xsl:template match="o:ListSets">
    <ul class="results">
      <xsl:for-each select="o:set">
        <li>
          <p class="title"><a href="{$path}?verb=ListRecords&amp;metadataPrefix=oai_dc&amp;set={o:setSpec}"><xsl:value-of select="o:setName"/></a></p>
          <xsl:for-each select="o:setDescription"><p class="by"><xsl:value-of select="."/></p></xsl:for-each>
          <ul class="tags"><li><xsl:value-of select="o:setSpec"/></li></ul>
        </li>
      </xsl:for-each>
    </ul>
    <xsl:apply-templates select="o:resumptionToken"/>
  </xsl:template>

  <xsl:template match="o:ListRecords | o:ListIdentifiers | o:GetRecord">
    <ul class="results">
      <xsl:for-each select="o:record | o:header">
        <xsl:variable name="header" select="o:header | self::o:header"/>
        <li>
          <p class="title">
            <xsl:choose>
              <xsl:when test="$header/@status = 'deleted'"><xsl:value-of select="$header/o:identifier"/></xsl:when>
              <xsl:otherwise>
                <a href="{$path}?verb=GetRecord&amp;metadataPrefix={$asked/@metadataPrefix}&amp;identifier={$header/o:identifier}">
                  <xsl:if test="not($asked/@metadataPrefix)">
                    <xsl:attribute name="href"><xsl:value-of select="concat($path, '?verb=GetRecord&amp;metadataPrefix=oai_dc&amp;identifier=', $header/o:identifier)"/></xsl:attribute>
                  </xsl:if>
                  <xsl:value-of select="$header/o:identifier"/>
                </a>
              </xsl:otherwise>
            </xsl:choose>
          </p>
          <xsl:if test="o:metadata/*/*[local-name() = 'title']"><p class="by"><xsl:value-of select="o:metadata/*/*[local-name() = 'title'][1]"/></p></xsl:if>
          <p class="imprint"><xsl:value-of select="concat($say/changed, ' ', translate($header/o:datestamp, 'TZ', ' '))"/></p>
          <xsl:if test="$header/@status or $header/o:setSpec">
            <ul class="tags">
              <xsl:if test="$header/@status"><li><xsl:value-of select="$say/deleted"/></li></xsl:if>
              <xsl:for-each select="$header/o:setSpec"><li><xsl:value-of select="."/></li></xsl:for-each>
            </ul>
          </xsl:if>
          <xsl:if test="o:metadata">
            <details>
              <xsl:if test="$verb = 'GetRecord'"><xsl:attribute name="open">open</xsl:attribute></xsl:if>
              <summary><xsl:value-of select="$say/record"/></summary>
              <div class="tree"><xsl:apply-templates select="o:metadata/*" mode="tree"/></div>
            </details>
          </xsl:if>
        </li>
      </xsl:for-each>
    </ul>
    <xsl:apply-templates select="o:resumptionToken"/>
  </xsl:template>

  <xsl:template match="o:resumptionToken">
    <p class="paging">
      <xsl:if test=". != ''"><a href="{$path}?verb={$verb}&amp;resumptionToken={.}"><xsl:value-of select="$say/next"/></a></xsl:if>
      <span>
        <xsl:value-of select="concat($say/from, ' ', @cursor + 1, ' ', $say/of, ' ', @completeListSize)"/>
        <xsl:if test=". = ''"><xsl:value-of select="concat('. ', $say/last)"/></xsl:if>
      </span>
    </p>
  </xsl:template>

  <xsl:template match="*" mode="tree">
    <div>
      <code><xsl:value-of select="name()"/></code>
      <xsl:for-each select="@*[name() != 'xsi:schemaLocation']"><span class="attribute"><xsl:value-of select="concat(' ', name(), '=', .)"/></span></xsl:for-each>
      <xsl:if test="not(*)"><xsl:value-of select="concat(' ', .)"/></xsl:if>
      <xsl:apply-templates select="*" mode="tree"/>
    </div>
  </xsl:template>
</xsl:stylesheet>
