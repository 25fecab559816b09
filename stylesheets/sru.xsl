<?xml version="1.0" encoding="UTF-8"?>
<!--
  SRU answers as pages: explain, searchRetrieve and scan of all versions, told apart by local names.

  The server applies it for browsers; browsers that still know XSLT may apply it themselves, so it keeps to XSLT 1.0 and
  exsl:node-set. Links to other pages come in the answer (x:links), because XSLT 1.0 cannot encode an address.
  Parameters: `language` (en, sv), `library` (name shown at the top). Texts stand in sru-texts.xsl, records in
  sru-records.xsl, browse lists and the self description in sru-lists.xsl.
-->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:x="urn:x-discovery:sru:1"
    xmlns:f="http://docs.oasis-open.org/ns/search-ws/facetedResults" exclude-result-prefixes="x f">
  <xsl:import href="sru-texts.xsl"/>
  <xsl:import href="sru-records.xsl"/>
  <xsl:import href="sru-lists.xsl"/>
  <xsl:output method="html" encoding="UTF-8" doctype-system="about:legacy-compat" indent="no"/>

  <xsl:variable name="answer" select="/*"/>
  <xsl:variable name="echo" select="$answer/*[starts-with(local-name(), 'echoed')]"/>
  <xsl:variable name="links" select="$answer/*[local-name() = 'extraResponseData']/x:links/x:link"/>
  <xsl:variable name="query" select="$echo/*[local-name() = 'query']"/>
  <xsl:variable name="query-type" select="$echo/*[local-name() = 'queryType']"/>

  <xsl:template match="/">
    <html lang="{$language}">
      <head>
        <meta name="viewport" content="width=device-width, initial-scale=1"/>
        <title>
          <xsl:choose>
            <xsl:when test="$query != ''"><xsl:value-of select="$query"/></xsl:when>
            <xsl:when test="$echo/*[local-name() = 'scanClause'] != ''"><xsl:value-of select="$echo/*[local-name() = 'scanClause']"/></xsl:when>
            <xsl:otherwise><xsl:value-of select="$say/description"/></xsl:otherwise>
          </xsl:choose>
          <xsl:value-of select="concat(' – ', $library)"/>
        </title>
        <link rel="icon" href="/static/shelf.svg" type="image/svg+xml"/>
        <link rel="stylesheet" href="/static/pages.css"/>
        <link rel="stylesheet" href="/stylesheets/sru.css"/>
        <link rel="search" href="/opensearch.xml" type="application/opensearchdescription+xml" title="{$library}"/>
      </head>
      <body>
        <a class="skip" href="#content"><xsl:value-of select="$say/skip"/></a>
        <header class="top">
          <a class="brand" href="/"><img src="/static/shelf.svg" alt="" width="34" height="34"/><span><xsl:value-of select="$library"/></span></a>
          <nav aria-label="{$say/pages}">
            <a href="/"><xsl:value-of select="$say/search"/></a>
            <a href="?x-lang={$language}">
              <xsl:if test="local-name($answer) = 'explainResponse'"><xsl:attribute name="aria-current">page</xsl:attribute></xsl:if>
              <xsl:value-of select="$say/description"/>
            </a>
          </nav>
          <xsl:if test="$links[starts-with(@rel, 'lang-')]">
            <nav class="languages" aria-label="{$say/language}">
              <xsl:for-each select="$links[starts-with(@rel, 'lang-')]">
                <xsl:variable name="code" select="substring-after(@rel, 'lang-')"/>
                <a href="{@href}" hreflang="{$code}" lang="{$code}">
                  <xsl:if test="$code = $language"><xsl:attribute name="aria-current">true</xsl:attribute></xsl:if>
                  <xsl:value-of select="@title"/>
                </a>
              </xsl:for-each>
            </nav>
          </xsl:if>
        </header>
        <main id="content" tabindex="-1">
          <xsl:choose>
            <xsl:when test="local-name($answer) = 'searchRetrieveResponse'"><xsl:call-template name="results"/></xsl:when>
            <xsl:when test="local-name($answer) = 'scanResponse'"><xsl:call-template name="browse"/></xsl:when>
            <xsl:otherwise><xsl:call-template name="description"/></xsl:otherwise>
          </xsl:choose>
        </main>
        <footer>
          <p>
            <xsl:if test="$links"><xsl:value-of select="$say/also"/></xsl:if>
            <xsl:for-each select="$links[@rel = 'xml' or @rel = 'json' or @rel = 'atom']">
              <xsl:text> </xsl:text>
              <a href="{@href}">
                <xsl:choose>
                  <xsl:when test="@rel = 'xml'">XML</xsl:when>
                  <xsl:when test="@rel = 'json'">JSON</xsl:when>
                  <xsl:otherwise>Atom</xsl:otherwise>
                </xsl:choose>
              </a>
            </xsl:for-each>
          </p>
        </footer>
      </body>
    </html>
  </xsl:template>

  <!-- The search form. It needs no script: words or CQL, order and page size are parameters of SRU 2.0. -->
  <xsl:template name="search-form">
    <xsl:variable name="sort" select="$echo/*[local-name() = 'sortKeys']"/>
    <xsl:variable name="size" select="$echo/*[local-name() = 'maximumRecords']"/>
    <form class="search" role="search" method="get" action="">
      <label for="query"><xsl:value-of select="$say/query"/></label>
      <div class="line">
        <input id="query" name="query" type="search" required="required" autocomplete="off" value="{$query}"/>
        <button><xsl:value-of select="$say/search"/></button>
      </div>
      <div class="choices">
        <label>
          <xsl:value-of select="$say/as"/><xsl:text> </xsl:text>
          <select name="queryType">
            <option value="searchTerms"><xsl:value-of select="$say/words"/></option>
            <option value="cql">
              <xsl:if test="$query != '' and not($query-type = 'searchTerms')"><xsl:attribute name="selected">selected</xsl:attribute></xsl:if>
              <xsl:text>CQL</xsl:text>
            </option>
          </select>
        </label>
        <label>
          <xsl:value-of select="$say/order"/><xsl:text> </xsl:text>
          <select name="sortKeys">
            <xsl:for-each select="$sorts">
              <option value="{@value}">
                <xsl:if test="@value = $sort"><xsl:attribute name="selected">selected</xsl:attribute></xsl:if>
                <xsl:value-of select="."/>
              </option>
            </xsl:for-each>
          </select>
        </label>
        <label>
          <xsl:value-of select="$say/size"/><xsl:text> </xsl:text>
          <select name="maximumRecords">
            <xsl:for-each select="$sizes">
              <option>
                <xsl:if test=". = $size"><xsl:attribute name="selected">selected</xsl:attribute></xsl:if>
                <xsl:value-of select="."/>
              </option>
            </xsl:for-each>
          </select>
        </label>
        <input type="hidden" name="facetLimit" value="8"/>
        <input type="hidden" name="x-lang" value="{$language}"/>
      </div>
    </form>
  </xsl:template>

  <xsl:template name="results">
    <xsl:variable name="total" select="number($answer/*[local-name() = 'numberOfRecords'])"/>
    <xsl:variable name="records" select="$answer/*[local-name() = 'records']/*"/>
    <xsl:variable name="facets" select="$answer//f:facet"/>
    <xsl:call-template name="search-form"/>
    <xsl:call-template name="diagnostics"/>
    <xsl:if test="not($answer/*[local-name() = 'diagnostics']) or $total &gt; 0">
      <h1 class="hits">
        <xsl:call-template name="count">
          <xsl:with-param name="number" select="$total"/>
          <xsl:with-param name="one" select="$say/record"/>
          <xsl:with-param name="many" select="$say/records"/>
        </xsl:call-template>
      </h1>
      <xsl:if test="$total = 0"><p class="lead"><xsl:value-of select="$say/nothing"/></p></xsl:if>
    </xsl:if>
    <xsl:apply-templates select="$answer//x:queryExplanation"/>
    <div>
      <xsl:attribute name="class">columns<xsl:if test="not($facets)"> alone</xsl:if></xsl:attribute>
      <div>
        <xsl:if test="$records">
          <ol class="results" start="{$records[1]/*[local-name() = 'recordPosition']}">
            <xsl:for-each select="$records">
              <li value="{*[local-name() = 'recordPosition']}">
                <xsl:call-template name="record">
                  <xsl:with-param name="open" select="$total = 1"/>
                </xsl:call-template>
              </li>
            </xsl:for-each>
          </ol>
          <xsl:call-template name="pages">
            <xsl:with-param name="first" select="$records[1]/*[local-name() = 'recordPosition']"/>
            <xsl:with-param name="last" select="$records[last()]/*[local-name() = 'recordPosition']"/>
            <xsl:with-param name="total" select="$total"/>
          </xsl:call-template>
        </xsl:if>
      </div>
      <xsl:if test="$facets">
        <aside aria-label="{$say/narrow}">
          <h2><xsl:value-of select="$say/narrow"/></h2>
          <xsl:apply-templates select="$facets"/>
        </aside>
      </xsl:if>
    </div>
    <xsl:call-template name="analysis"/>
  </xsl:template>

  <xsl:template match="f:facet">
    <section class="facet">
      <h3><xsl:value-of select="f:facetDisplayLabel"/></h3>
      <ul>
        <xsl:for-each select="f:terms/f:term">
          <li><a href="{f:requestUrl}"><xsl:value-of select="f:actualTerm"/></a><span class="number"><xsl:call-template name="grouped"><xsl:with-param name="number" select="f:count"/></xsl:call-template></span></li>
        </xsl:for-each>
      </ul>
    </section>
  </xsl:template>

  <xsl:template name="pages">
    <xsl:param name="first"/>
    <xsl:param name="last"/>
    <xsl:param name="total"/>
    <nav class="paging" aria-label="{$say/paging}">
      <xsl:for-each select="$links[@rel = 'first' or @rel = 'previous']">
        <xsl:sort select="@rel"/>
        <a href="{@href}">
          <xsl:if test="@rel = 'previous'"><xsl:attribute name="rel">prev</xsl:attribute></xsl:if>
          <xsl:choose>
            <xsl:when test="@rel = 'first'">« <xsl:value-of select="$say/first"/></xsl:when>
            <xsl:otherwise>‹ <xsl:value-of select="$say/previous"/></xsl:otherwise>
          </xsl:choose>
        </a>
      </xsl:for-each>
      <span>
        <xsl:call-template name="grouped"><xsl:with-param name="number" select="$first"/></xsl:call-template>
        <xsl:text>–</xsl:text>
        <xsl:call-template name="grouped"><xsl:with-param name="number" select="$last"/></xsl:call-template>
        <xsl:value-of select="concat(' ', $say/of, ' ')"/>
        <xsl:call-template name="grouped"><xsl:with-param name="number" select="$total"/></xsl:call-template>
      </span>
      <xsl:for-each select="$links[@rel = 'next']">
        <a href="{@href}" rel="next"><xsl:value-of select="$say/next"/> ›</a>
      </xsl:for-each>
      <xsl:for-each select="$links[@rel = 'last']">
        <a href="{@href}"><xsl:value-of select="$say/last"/> »</a>
      </xsl:for-each>
    </nav>
  </xsl:template>

  <xsl:template match="x:queryExplanation">
    <section class="explanation">
      <h2><xsl:value-of select="$say/understood"/></h2>
      <div class="wide" role="region" aria-label="{$say/understood}" tabindex="0">
        <table>
          <thead>
            <tr>
              <th scope="col"><xsl:value-of select="$say/clause"/></th>
              <th scope="col"><xsl:value-of select="$say/fields-asked"/></th>
              <th scope="col" class="number"><xsl:value-of select="$say/records-alone"/></th>
            </tr>
          </thead>
          <tbody>
            <xsl:for-each select="x:clause">
              <tr>
                <td>
                  <code><xsl:value-of select="x:query"/></code>
                  <xsl:if test="x:nearMatch">
                    <p class="hint">
                      <xsl:value-of select="concat($say/perhaps, ' ')"/>
                      <xsl:for-each select="x:nearMatch">
                        <xsl:if test="position() != 1">, </xsl:if>
                        <code><xsl:value-of select="@query"/></code>
                        <xsl:value-of select="concat(' (', @count, ')')"/>
                      </xsl:for-each>
                    </p>
                  </xsl:if>
                </td>
                <td class="quiet"><xsl:for-each select="x:field"><xsl:if test="position() != 1">, </xsl:if><xsl:value-of select="."/></xsl:for-each></td>
                <td class="number"><xsl:call-template name="grouped"><xsl:with-param name="number" select="x:count"/></xsl:call-template></td>
              </tr>
            </xsl:for-each>
          </tbody>
        </table>
      </div>
      <h3><xsl:value-of select="$say/plan"/></h3>
      <pre tabindex="0"><xsl:value-of select="x:plan"/></pre>
      <details>
        <summary><xsl:value-of select="$say/engine-query"/></summary>
        <pre tabindex="0"><xsl:value-of select="x:engineQuery"/></pre>
      </details>
      <p class="hint"><xsl:value-of select="concat($say/reading, ' ', x:understoodMs, ' ms, ', $say/searching, ' ', x:searchedMs, ' ms')"/></p>
    </section>
  </xsl:template>

  <xsl:template name="analysis">
    <xsl:variable name="parts" select="$answer//*[local-name() = 'subqueryResult']"/>
    <xsl:if test="$parts">
      <section class="explanation">
        <h2><xsl:value-of select="$say/clauses"/></h2>
        <table>
          <tbody>
            <xsl:for-each select="$parts">
              <tr>
                <td><a href="{*[local-name() = 'requestUrl']}"><code><xsl:value-of select="*[local-name() = 'subquery']"/></code></a></td>
                <td class="number"><xsl:call-template name="grouped"><xsl:with-param name="number" select="*[local-name() = 'count']"/></xsl:call-template></td>
              </tr>
            </xsl:for-each>
          </tbody>
        </table>
      </section>
    </xsl:if>
  </xsl:template>

  <xsl:template name="diagnostics">
    <xsl:for-each select="$answer/*[local-name() = 'diagnostics']/*">
      <div class="notice" role="alert">
        <xsl:choose>
          <xsl:when test="position() = 1 and not($answer/*[local-name() = 'numberOfRecords'] &gt; 0)">
            <h1><xsl:value-of select="*[local-name() = 'message']"/></h1>
          </xsl:when>
          <xsl:otherwise><p><xsl:value-of select="*[local-name() = 'message']"/></p></xsl:otherwise>
        </xsl:choose>
        <p class="hint">
          <xsl:value-of select="concat($say/diagnostic, ' ', substring-after(*[local-name() = 'uri'], 'diagnostic/1/'))"/>
          <xsl:if test="*[local-name() = 'details'] != ''">: <code><xsl:value-of select="*[local-name() = 'details']"/></code></xsl:if>
        </p>
      </div>
    </xsl:for-each>
  </xsl:template>
</xsl:stylesheet>
