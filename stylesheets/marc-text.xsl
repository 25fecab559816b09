<?xml version="1.0" encoding="UTF-8"?>
<!--
  Text rules that all crosswalks from MARC share, as XPath functions (EXSLT func, which libxslt has).

    m:join(field, codes)    subfields of a field in record order, one blank between them
    m:text(field, codes)    the same without the punctuation that only separates areas of a catalogue card
    m:chop(text)            a text without trailing / : ; = , and without a full stop that ends no abbreviation
    m:after(separator, text)    both, or nothing when the text is empty
    m:without-start(text, start)
    m:isbn(text)            10 or 13 characters without hyphens and qualifier, or nothing
    m:issn(text)            1234-567X, or nothing
    m:year(text), m:years(text)   the first year, or "1990-1995" when a year follows it directly
    m:known(text)           the text, unless it only says that something is not known (s.l., s.n. ...)
    m:lower(text)           ASCII letters small
    m:is-code(text)         whether a text is a MARC language code
    m:is-uri(text)          whether a text can stand where a schema wants an address
    m:value-uri(field, codes)   the first subfield of a heading that is the address of its authority
-->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:marc="http://www.loc.gov/MARC21/slim"
    xmlns:m="urn:x-discovery:marc" xmlns:func="http://exslt.org/functions" xmlns:str="http://exslt.org/strings"
    extension-element-prefixes="func str" exclude-result-prefixes="marc m">

  <!-- Twenty times as fast as a walk over all fields for every tag. -->
  <xsl:key name="field" match="marc:datafield" use="@tag"/>

  <!-- Non-sorting marks of both MARC formats. Other characters below U+00A0 never reach stored MARCXML. -->
  <xsl:variable name="marks" select="'&#x88;&#x89;&#x98;&#x9C;'"/>

  <func:function name="m:join">
    <xsl:param name="field"/>
    <xsl:param name="codes"/>
    <xsl:variable name="joined">
      <xsl:for-each select="$field/marc:subfield[contains($codes, @code)]">
        <xsl:value-of select="concat(., ' ')"/>
      </xsl:for-each>
    </xsl:variable>
    <func:result select="normalize-space(translate($joined, $marks, ''))"/>
  </func:function>

  <func:function name="m:text">
    <xsl:param name="field"/>
    <xsl:param name="codes"/>
    <xsl:variable name="joined">
      <xsl:for-each select="$field/marc:subfield[contains($codes, @code)]">
        <xsl:value-of select="concat(., ' ')"/>
      </xsl:for-each>
    </xsl:variable>
    <func:result select="m:chop(normalize-space(translate($joined, $marks, '')))"/>
  </func:function>

  <func:function name="m:chop">
    <xsl:param name="text"/>
    <xsl:variable name="all-but-last" select="substring($text, 1, string-length($text) - 1)"/>
    <xsl:variable name="last" select="substring($text, string-length($text))"/>
    <xsl:choose>
      <xsl:when test="$text = '' or not(contains('/:;=,.', $last))">
        <func:result select="string($text)"/>
      </xsl:when>
      <xsl:when test="$last != '.'">
        <func:result select="m:chop(normalize-space($all-but-last))"/>
      </xsl:when>
      <xsl:when test="m:is-abbreviation($all-but-last)">
        <func:result select="string($text)"/>
      </xsl:when>
      <xsl:otherwise>
        <func:result select="m:chop(normalize-space($all-but-last))"/>
      </xsl:otherwise>
    </xsl:choose>
  </func:function>

  <!-- Whether a text (its full stop already taken off) ends in an initial, a word of at most four letters, or dots. -->
  <func:function name="m:is-abbreviation">
    <xsl:param name="text"/>
    <xsl:variable name="end" select="substring($text, string-length($text))"/>
    <xsl:variable name="word" select="str:tokenize($text, ' .,-([&quot;')[last()]"/>
    <xsl:choose>
      <xsl:when test="$end = '.'">
        <func:result select="true()"/>
      </xsl:when>
      <xsl:when test="$end = ' ' or $text = ''">
        <func:result select="false()"/>
      </xsl:when>
      <xsl:otherwise>
        <func:result select="string-length($word) &lt; 5 and translate($word, '0123456789)]?!&quot;&#x201D;&#x2019;', '') = $word"/>
      </xsl:otherwise>
    </xsl:choose>
  </func:function>

  <func:function name="m:after">
    <xsl:param name="separator"/>
    <xsl:param name="text"/>
    <func:result select="substring(concat($separator, $text), 1 div ($text != ''))"/>
  </func:function>

  <func:function name="m:without-start">
    <xsl:param name="text"/>
    <xsl:param name="start"/>
    <func:result select="substring($text, 1 + string-length($start) * starts-with($text, $start))"/>
  </func:function>

  <func:function name="m:isbn">
    <xsl:param name="text"/>
    <xsl:variable name="plain" select="normalize-space(translate($text, $marks, ''))"/>
    <xsl:variable name="whole" select="translate(substring-before(concat($plain, '('), '('), '- &#x2010;&#x2011;:;,.', '')"/>
    <xsl:variable name="first" select="translate(str:tokenize($plain, ' (:;')[1], '-&#x2010;&#x2011;', '')"/>
    <func:result select="translate(concat(m:if-isbn($whole), substring(m:if-isbn($first), 1, 13 * (m:if-isbn($whole) = ''))), 'x', 'X')"/>
  </func:function>

  <func:function name="m:if-isbn">
    <xsl:param name="number"/>
    <xsl:variable name="long" select="string-length($number) = 13 and translate($number, '0123456789', '') = ''"/>
    <xsl:variable name="short" select="string-length($number) = 10 and translate(substring($number, 1, 9), '0123456789', '') = ''
        and contains('0123456789Xx', substring($number, 10))"/>
    <func:result select="substring($number, 1, 13 * ($long or $short))"/>
  </func:function>

  <func:function name="m:issn">
    <xsl:param name="text"/>
    <xsl:variable name="number" select="translate(substring(normalize-space(translate($text, $marks, '')), 1, 9), 'x-', 'X')"/>
    <xsl:variable name="good" select="string-length($number) &gt; 7 and translate(substring($number, 1, 7), '0123456789', '') = ''
        and contains('0123456789X', substring($number, 8, 1))"/>
    <func:result select="substring(concat(substring($number, 1, 4), '-', substring($number, 5, 4)), 1, 9 * $good)"/>
  </func:function>

  <!-- Digits become 0, so that '0000' finds the first group of four. -->
  <func:function name="m:year">
    <xsl:param name="text"/>
    <func:result select="substring(m:years($text), 1, 4)"/>
  </func:function>

  <func:function name="m:years">
    <xsl:param name="text"/>
    <xsl:variable name="form" select="translate($text, '123456789&#x2013;', '000000000-')"/>
    <xsl:variable name="at" select="string-length(substring-before($form, '0000')) + 1"/>
    <xsl:choose>
      <xsl:when test="not(contains($form, '0000'))">
        <func:result select="''"/>
      </xsl:when>
      <xsl:when test="substring($form, $at + 4, 5) = '-0000'">
        <func:result select="concat(substring($text, $at, 4), '-', substring($text, $at + 5, 4))"/>
      </xsl:when>
      <xsl:otherwise>
        <func:result select="substring($text, $at, 4)"/>
      </xsl:otherwise>
    </xsl:choose>
  </func:function>

  <func:function name="m:known">
    <xsl:param name="text"/>
    <xsl:variable name="plain" select="normalize-space(translate(m:lower($text), '[]().,;:?', ''))"/>
    <xsl:choose>
      <xsl:when test="$plain = '' or contains('|sl|sn|s l|s n|np|n p|sine loco|sine nomine|place not identified|publisher not identified|', concat('|', $plain, '|'))
          or contains($plain, 'of publication not identified') or contains($plain, 'of production not identified')
          or contains($plain, 'of distribution not identified') or contains($plain, 'publisher not identified')
          or contains($plain, 'date not identified')">
        <func:result select="''"/>
      </xsl:when>
      <xsl:otherwise>
        <func:result select="string($text)"/>
      </xsl:otherwise>
    </xsl:choose>
  </func:function>

  <func:function name="m:lower">
    <xsl:param name="text"/>
    <func:result select="translate($text, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz')"/>
  </func:function>

  <!-- Three small letters, as all MARC language codes are. -->
  <func:function name="m:is-code">
    <xsl:param name="text"/>
    <func:result select="string-length($text) = 3 and translate($text, 'abcdefghijklmnopqrstuvwxyz', '') = ''"/>
  </func:function>

  <func:function name="m:value-uri">
    <xsl:param name="field"/>
    <xsl:param name="codes"/>
    <func:result select="normalize-space($field/marc:subfield[contains($codes, @code)][m:is-uri(normalize-space(.))][1])"/>
  </func:function>

  <func:function name="m:is-uri">
    <xsl:param name="text"/>
    <func:result select="(starts-with($text, 'http://') or starts-with($text, 'https://') or starts-with($text, 'ftp://') or starts-with($text, 'urn:'))
        and string-length($text) &gt; 10 and translate($text, ' &lt;&gt;&quot;{}|\^`[]%#', '') = translate($text, '%#', '')
        and not(contains(substring-after($text, '#'), '#')) and not(contains(translate($text, '123456789abcdefABCDEF', '000000000000000000000'), '%')
        and string-length($text) - string-length(translate($text, '%', '')) != m:escapes(translate($text, '123456789abcdefABCDEF', '000000000000000000000')))
        and not(contains(substring-before(concat(substring-after($text, '://'), '/'), '/'), ':') and translate(substring-after(substring-before(concat(substring-after($text, '://'), '/'), '/'), ':'), '0123456789', '') != '')"/>
  </func:function>

  <!-- How many well-formed percent escapes there are, in a text whose hexadecimal digits all read 0. -->
  <func:function name="m:escapes">
    <xsl:param name="text"/>
    <xsl:choose>
      <xsl:when test="contains($text, '%00')">
        <func:result select="1 + m:escapes(substring-after($text, '%00'))"/>
      </xsl:when>
      <xsl:otherwise>
        <func:result select="0"/>
      </xsl:otherwise>
    </xsl:choose>
  </func:function>
</xsl:stylesheet>
