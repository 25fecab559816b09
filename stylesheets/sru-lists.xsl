<?xml version="1.0" encoding="UTF-8"?>
<!-- The other pages of sru.xsl: browse lists (scan) and the self description (explain). -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:z="http://explain.z3950.org/dtd/2.0/"
    exclude-result-prefixes="z">

  <!-- A browse list, with the alphabet above it. -->
  <xsl:template name="browse">
    <xsl:variable name="clause" select="$echo/*[local-name() = 'scanClause']"/>
    <xsl:variable name="parts" select="$echo/*[local-name() = 'xScanClause']"/>
    <xsl:variable name="index" select="string($parts/*[local-name() = 'index'])"/>
    <xsl:variable name="is-plain" select="$index != '' and translate($index, 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_', '') = ''"/>
    <form class="search" method="get" action="">
      <label for="clause"><xsl:value-of select="$say/browse-from"/></label>
      <div class="line">
        <input id="clause" name="scanClause" class="code" required="required" autocomplete="off" value="{$clause}"/>
        <input type="hidden" name="x-lang" value="{$language}"/>
        <button><xsl:value-of select="$say/browse"/></button>
      </div>
      <p class="hint"><xsl:value-of select="$say/browse-hint"/></p>
    </form>
    <xsl:call-template name="diagnostics"/>
    <xsl:if test="not($answer/*[local-name() = 'diagnostics'])">
      <h1><xsl:value-of select="concat($say/browsing, ' ')"/><code><xsl:value-of select="$index"/></code></h1>
    </xsl:if>
    <xsl:if test="$is-plain">
      <nav class="alphabet" aria-label="{$say/alphabet}">
        <xsl:for-each select="$letters">
          <a href="?scanClause={$index}%20{translate($parts/*[local-name() = 'relation']/*[local-name() = 'value'], '=', '')}{substring('%3D%3D', 1, 3 * string-length($parts/*[local-name() = 'relation']/*[local-name() = 'value']) * starts-with($parts/*[local-name() = 'relation']/*[local-name() = 'value'], '='))}%20{.}&amp;x-lang={$language}">
            <xsl:value-of select="translate(., 'abcdefghijklmnopqrstuvwxyz', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ')"/>
          </a>
        </xsl:for-each>
      </nav>
    </xsl:if>
    <xsl:if test="not($answer/*[local-name() = 'terms']) and not($answer/*[local-name() = 'diagnostics'])">
      <p class="lead"><xsl:value-of select="$say/no-terms"/></p>
    </xsl:if>
    <xsl:if test="$answer/*[local-name() = 'terms']">
      <table class="terms">
        <thead><tr><th scope="col"><xsl:value-of select="$say/term"/></th><th scope="col" class="number"><xsl:value-of select="$say/records-head"/></th></tr></thead>
        <tbody>
          <xsl:for-each select="$answer/*[local-name() = 'terms']/*">
            <tr>
              <td>
                <a href="{.//*[local-name() = 'requestURL']}&amp;facetLimit=8&amp;x-lang={$language}">
                  <xsl:choose>
                    <xsl:when test="*[local-name() = 'displayTerm'] != ''"><xsl:value-of select="*[local-name() = 'displayTerm']"/></xsl:when>
                    <xsl:otherwise><xsl:value-of select="*[local-name() = 'value']"/></xsl:otherwise>
                  </xsl:choose>
                </a>
              </td>
              <td class="number"><xsl:call-template name="grouped"><xsl:with-param name="number" select="*[local-name() = 'numberOfRecords']"/></xsl:call-template></td>
            </tr>
          </xsl:for-each>
        </tbody>
      </table>
      <nav class="paging" aria-label="{$say/paging}">
        <xsl:for-each select="$links[@rel = 'previous']"><a href="{@href}" rel="prev">‹ <xsl:value-of select="$say/previous"/></a></xsl:for-each>
        <xsl:for-each select="$links[@rel = 'next']"><a href="{@href}" rel="next"><xsl:value-of select="$say/next"/> ›</a></xsl:for-each>
      </nav>
    </xsl:if>
  </xsl:template>

  <!-- The self description. -->
  <xsl:template name="description">
    <xsl:variable name="explain" select="$answer//z:explain"/>
    <h1><xsl:value-of select="$explain/z:databaseInfo/z:title"/></h1>
    <p class="lead">
      <xsl:value-of select="$say/about"/>
      <xsl:if test="$explain/z:serverInfo/z:database/@numRecs">
        <xsl:text> </xsl:text>
        <xsl:call-template name="count">
          <xsl:with-param name="number" select="$explain/z:serverInfo/z:database/@numRecs"/>
          <xsl:with-param name="one" select="$say/record"/>
          <xsl:with-param name="many" select="$say/records"/>
        </xsl:call-template>
        <xsl:text>.</xsl:text>
      </xsl:if>
    </p>
    <xsl:call-template name="search-form"/>
    <xsl:call-template name="diagnostics"/>
    <p class="hint"><xsl:value-of select="$say/address"/><xsl:text> </xsl:text><code><xsl:value-of select="$explain/z:databaseInfo/z:links/z:link[@type = 'sru']"/></code></p>
    <xsl:if test="$links[@rel = 'example']">
      <h2><xsl:value-of select="$say/examples"/></h2>
      <ul class="examples">
        <xsl:for-each select="$links[@rel = 'example']">
          <li><a href="{@href}"><code><xsl:value-of select="@title"/></code></a></li>
        </xsl:for-each>
      </ul>
    </xsl:if>
    <h2><xsl:value-of select="$say/indexes"/></h2>
    <div class="wide">
      <table>
        <thead>
          <tr>
            <th scope="col"><xsl:value-of select="$say/index"/></th>
            <th scope="col"><xsl:value-of select="$say/meaning"/></th>
            <th scope="col"><xsl:value-of select="$say/relations"/></th>
            <th scope="col"><xsl:value-of select="$say/can"/></th>
          </tr>
        </thead>
        <tbody>
          <xsl:for-each select="$explain/z:indexInfo/z:index"><xsl:call-template name="index-row"/></xsl:for-each>
        </tbody>
      </table>
    </div>
    <h2><xsl:value-of select="$say/schemas"/></h2>
    <div class="wide">
      <table>
        <thead>
          <tr><th scope="col">recordSchema</th><th scope="col"><xsl:value-of select="$say/meaning"/></th><th scope="col"><xsl:value-of select="$say/identifier"/></th></tr>
        </thead>
        <tbody>
          <xsl:for-each select="$explain/z:schemaInfo/z:schema">
            <tr>
              <th scope="row"><code><xsl:value-of select="@name"/></code></th>
              <td><xsl:call-template name="titled"/></td>
              <td><code><xsl:value-of select="@identifier"/></code></td>
            </tr>
          </xsl:for-each>
        </tbody>
      </table>
    </div>
    <h2><xsl:value-of select="$say/limits"/></h2>
    <dl class="programs">
      <xsl:for-each select="$explain/z:configInfo/z:default | $explain/z:configInfo/z:setting">
        <dt><code><xsl:value-of select="@type"/></code></dt>
        <dd><xsl:value-of select="."/></dd>
      </xsl:for-each>
    </dl>
  </xsl:template>

  <xsl:template name="index-row">
    <xsl:variable name="primary" select="z:map[@primary = 'true']/z:name"/>
    <xsl:variable name="name" select="concat($primary/@set, '.', $primary)"/>
    <tr>
      <th scope="row">
        <code><xsl:value-of select="$name"/></code>
        <xsl:if test="z:map[not(@primary = 'true')]/z:name">
          <details>
            <summary><xsl:value-of select="$say/aliases"/></summary>
            <xsl:for-each select="z:map[not(@primary = 'true')]/z:name">
              <code><xsl:value-of select="concat(@set, '.', .)"/></code><xsl:text> </xsl:text>
            </xsl:for-each>
          </details>
        </xsl:if>
      </th>
      <td><xsl:call-template name="titled"/></td>
      <td>
        <xsl:for-each select="z:configInfo/z:supports[@type = 'relation']"><code class="relation"><xsl:value-of select="."/></code><xsl:text> </xsl:text></xsl:for-each>
      </td>
      <td>
        <xsl:for-each select="$links[@rel = 'browse' and @title = $name]"><a href="{@href}"><xsl:value-of select="$say/browse"/></a><xsl:text> </xsl:text></xsl:for-each>
        <xsl:if test="@sort = 'true'"><span class="tag"><xsl:value-of select="$say/sortable"/></span></xsl:if>
      </td>
    </tr>
  </xsl:template>

  <!-- The title in the language of the page, else the first one. -->
  <xsl:template name="titled">
    <xsl:choose>
      <xsl:when test="z:title[@lang = $language]"><xsl:value-of select="z:title[@lang = $language]"/></xsl:when>
      <xsl:otherwise><xsl:value-of select="z:title"/></xsl:otherwise>
    </xsl:choose>
  </xsl:template>
</xsl:stylesheet>
