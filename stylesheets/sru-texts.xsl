<?xml version="1.0" encoding="UTF-8"?>
<!-- Texts of the pages in English and Swedish, with the same elements in both, and how numbers are written. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:exsl="http://exslt.org/common" exclude-result-prefixes="exsl">
  <xsl:param name="language" select="'en'"/>
  <xsl:param name="library" select="'Hylla'"/>

  <xsl:decimal-format name="en" grouping-separator=","/>
  <xsl:decimal-format name="sv" grouping-separator="&#160;"/>

  <xsl:variable name="say" select="exsl:node-set($texts)/*[name() = $language]"/>
  <xsl:variable name="sorts" select="exsl:node-set($texts)/*[name() = $language]/sort"/>
  <xsl:variable name="sizes" select="exsl:node-set($texts)/size"/>
  <xsl:variable name="letters" select="exsl:node-set($texts)/letter"/>

  <xsl:variable name="texts">
    <en>
      <skip>Skip to content</skip>
      <pages>Pages</pages>
      <language>Language</language>
      <search>Search</search>
      <description>What can be searched</description>
      <query>Search the catalogue</query>
      <as>Read as</as>
      <words>words, all of them</words>
      <order>Order</order>
      <size>Per page</size>
      <record>record</record>
      <records>records</records>
      <nothing>Nothing matches. Try fewer words, or part of a word with a star: child*.</nothing>
      <narrow>Narrow the search</narrow>
      <paging>Pages of the result</paging>
      <first>First</first>
      <previous>Previous</previous>
      <next>Next</next>
      <last>Last</last>
      <of>of</of>
      <also>This answer for programs:</also>
      <diagnostic>Diagnostic</diagnostic>
      <understood>How the query was understood</understood>
      <clause>Clause</clause>
      <fields-asked>Fields asked</fields-asked>
      <records-alone>Records alone</records-alone>
      <perhaps>Perhaps:</perhaps>
      <plan>Search plan</plan>
      <engine-query>As the search engine is asked</engine-query>
      <reading>reading</reading>
      <searching>searching</searching>
      <clauses>Records of each clause</clauses>
      <browse>Browse</browse>
      <browse-from>Browse from</browse-from>
      <browse-hint>An index, = for words or == for whole headings, and where to begin: dc.subject == "sea"</browse-hint>
      <browsing>Browsing</browsing>
      <alphabet>Begin at a letter</alphabet>
      <no-terms>The list ends here.</no-terms>
      <term>Term</term>
      <records-head>Records</records-head>
      <about>Open for people and programs: search, browse and fetch records by their address (SRU 1.1, 1.2 and 2.0).</about>
      <address>Address for programs:</address>
      <examples>Examples</examples>
      <indexes>Indexes</indexes>
      <index>Index</index>
      <meaning>Meaning</meaning>
      <relations>Relations</relations>
      <can>More</can>
      <aliases>other names</aliases>
      <sortable>sortable</sortable>
      <schemas>Record schemas</schemas>
      <identifier>Identifier</identifier>
      <limits>Defaults and limits</limits>
      <all-fields>All fields</all-fields>
      <field>Field</field>
      <content>Content</content>
      <subjects>Subjects</subjects>
      <untitled>Untitled record</untitled>
      <sort value="">best match</sort>
      <sort value="dc.date,,0">newest first</sort>
      <sort value="dc.date">oldest first</sort>
      <sort value="dc.title">title</sort>
      <sort value="dc.creator">author</sort>
    </en>
    <sv>
      <skip>Hoppa till innehållet</skip>
      <pages>Sidor</pages>
      <language>Språk</language>
      <search>Sök</search>
      <description>Vad går att söka</description>
      <query>Sök i katalogen</query>
      <as>Läs som</as>
      <words>ord, alla måste finnas</words>
      <order>Ordning</order>
      <size>Per sida</size>
      <record>post</record>
      <records>poster</records>
      <nothing>Ingenting passar. Pröva färre ord, eller början av ett ord med stjärna: barn*.</nothing>
      <narrow>Begränsa sökningen</narrow>
      <paging>Träfflistans sidor</paging>
      <first>Första</first>
      <previous>Föregående</previous>
      <next>Nästa</next>
      <last>Sista</last>
      <of>av</of>
      <also>Svaret för program:</also>
      <diagnostic>Felmeddelande</diagnostic>
      <understood>Så lästes frågan</understood>
      <clause>Villkor</clause>
      <fields-asked>Fält</fields-asked>
      <records-alone>Poster för sig</records-alone>
      <perhaps>Kanske:</perhaps>
      <plan>Sökplan</plan>
      <engine-query>Så här får sökmotorn frågan</engine-query>
      <reading>läsning</reading>
      <searching>sökning</searching>
      <clauses>Träffar per villkor</clauses>
      <browse>Bläddra</browse>
      <browse-from>Bläddra från</browse-from>
      <browse-hint>Ett index, = för ord eller == för hela rubriker, och var listan ska börja: dc.subject == "hav"</browse-hint>
      <browsing>Bläddrar i</browsing>
      <alphabet>Börja på en bokstav</alphabet>
      <no-terms>Här slutar listan.</no-terms>
      <term>Term</term>
      <records-head>Poster</records-head>
      <about>Öppet för människor och program: sök, bläddra och hämta poster på en adress (SRU 1.1, 1.2 och 2.0).</about>
      <address>Adress för program:</address>
      <examples>Exempel</examples>
      <indexes>Index</indexes>
      <index>Index</index>
      <meaning>Betydelse</meaning>
      <relations>Relationer</relations>
      <can>Mer</can>
      <aliases>andra namn</aliases>
      <sortable>sorterbart</sortable>
      <schemas>Postformat</schemas>
      <identifier>Identifierare</identifier>
      <limits>Förval och gränser</limits>
      <all-fields>Alla fält</all-fields>
      <field>Fält</field>
      <content>Innehåll</content>
      <subjects>Ämnen</subjects>
      <untitled>Post utan titel</untitled>
      <sort value="">bäst träff</sort>
      <sort value="dc.date,,0">nyast först</sort>
      <sort value="dc.date">äldst först</sort>
      <sort value="dc.title">titel</sort>
      <sort value="dc.creator">författare</sort>
    </sv>
    <size>10</size><size>20</size><size>50</size><size>100</size>
    <letter>a</letter><letter>b</letter><letter>c</letter><letter>d</letter><letter>e</letter><letter>f</letter><letter>g</letter>
    <letter>h</letter><letter>i</letter><letter>j</letter><letter>k</letter><letter>l</letter><letter>m</letter><letter>n</letter>
    <letter>o</letter><letter>p</letter><letter>q</letter><letter>r</letter><letter>s</letter><letter>t</letter><letter>u</letter>
    <letter>v</letter><letter>w</letter><letter>x</letter><letter>y</letter><letter>z</letter>
  </xsl:variable>

  <!-- "1,234 records" -->
  <xsl:template name="count">
    <xsl:param name="number"/>
    <xsl:param name="one"/>
    <xsl:param name="many"/>
    <xsl:call-template name="grouped"><xsl:with-param name="number" select="$number"/></xsl:call-template>
    <xsl:text> </xsl:text>
    <xsl:choose>
      <xsl:when test="$number = 1"><xsl:value-of select="$one"/></xsl:when>
      <xsl:otherwise><xsl:value-of select="$many"/></xsl:otherwise>
    </xsl:choose>
  </xsl:template>

  <xsl:template name="grouped">
    <xsl:param name="number"/>
    <xsl:choose>
      <xsl:when test="$language = 'sv'"><xsl:value-of select="format-number($number, '#&#160;##0', 'sv')"/></xsl:when>
      <xsl:otherwise><xsl:value-of select="format-number($number, '#,##0', 'en')"/></xsl:otherwise>
    </xsl:choose>
  </xsl:template>
</xsl:stylesheet>
