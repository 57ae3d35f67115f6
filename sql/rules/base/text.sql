-- How text is found (3.6), once, for what is kept and for what is asked: the
-- words of a search, and every filter that looks into a text. What people take
-- for the same is the same here: capitals, accents, composition, width, typographic
-- quotes and dashes, invisible characters.
--
-- The words of cases are stored (casework.case_words), and of notes and of the desk's
-- (note_words, desk_words). Who changes what is below marks them as outdated in a
-- migration; rules.timer_words makes them anew.

-- Whether text is ASCII, where none of this matters but capitals.
create or replace function rules.is_ascii(text text) returns boolean
  language sql immutable parallel safe
  return octet_length(text) = length(text);

-- What rules.folded does with more than ASCII. First goes what shows nothing (soft
-- hyphens, joiners, directions, variations), and © ® ℠ ™, which stick to words.
-- Unaccent makes ASCII of Latin letters and of typographic signs: é, ß, ł, ı, ’, –.
-- For the rest, compatibility decomposition parts letters and their marks, ligatures,
-- full width; then go marks of Latin, Greek, Cyrillic, Hebrew, Arabic and Syriac
-- letters (not those of Indic scripts and of kana, where they are letters), and the
-- tatweel. Last, final sigma, what keyboards of one script write differently (yeh,
-- kaf, teh marbuta, alef wasla), and digits of Arabic and Persian. Unaccent is
-- declared stable, since a file could change its rules; the collation is named, since
-- that of a database may be C.
create or replace function rules.folded_beyond_ascii(text text) returns text
language plpgsql immutable strict parallel safe as $$
declare
  folded text := casework.unaccent('casework.unaccent', regexp_replace(text,
    '[\u00a9\u00ad\u00ae\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f'
      '\u2120\u2122\u3164\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e0fff]+', '', 'g'));
begin
  if not rules.is_ascii(folded) then
    folded := casework.unaccent('casework.unaccent', regexp_replace(normalize(folded, nfkd),
      '[\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640'
        '\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u0711\u0730-\u074a'
        '\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufb1e\ufe20-\ufe2f]+', '', 'g'));
  end if;
  if rules.is_ascii(folded) then
    return lower(folded collate "C");
  end if;
  folded := lower(folded collate "und-x-icu");
  if folded ~ '[\u0370-\u06ff]' then
    folded := translate(folded,
      e'\u03c2\u0649\u06cc\u06a9\u0629\u0671\u0660\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668\u0669'
        '\u06f0\u06f1\u06f2\u06f3\u06f4\u06f5\u06f6\u06f7\u06f8\u06f9',
      e'\u03c3\u064a\u064a\u0643\u0647\u062701234567890123456789');
  end if;
  return case when folded ~ '[\u0700-\U0010ffff]' then normalize(folded, nfkc) else folded end;
end $$;

-- Text as it is compared. Inlined, so that ASCII costs no call.
create or replace function rules.folded(text text) returns text
  language sql immutable parallel safe
  return case when rules.is_ascii(text) then lower(text collate "C") else rules.folded_beyond_ascii(text) end;

-- Without the blanks that nobody sees around it.
create or replace function rules.trimmed(text text) returns text
  language sql immutable parallel safe
  return btrim(text, e' \u00a0\u3000');

-- A request or a record whose keys of other systems, and what refers to them, have no
-- such blanks: who types one does not mean another thing by it. Capitals do.
create or replace function rules.trimmed_keys(record jsonb) returns jsonb
language sql immutable
return record || coalesce((
  select jsonb_object_agg(m.key, rules.trimmed(m.value ->> 0))
  from jsonb_each(record) as m (key, value)
  where m.key like '%external_id' and jsonb_typeof(m.value) = 'string'), '{}');

-- The ways in which an exact text may be composed: equality stays an operator
-- that an index and row-level security know.
create or replace function rules.spellings(text text) returns text[]
  language sql immutable parallel safe
  return array[text, normalize(text, nfc), normalize(text, nfd)];

create or replace function rules.spellings(texts text[]) returns text[]
  language sql immutable parallel safe
  return array(select unnest(rules.spellings(t)) from unnest(texts) as t);

-- Letters of scripts without spaces between words, as in a bracket expression: Thai,
-- Lao, Tibetan, Burmese, Khmer, kana, Han, and Hangul, whose words carry particles.
create or replace function rules.unspaced() returns text
  language sql immutable parallel safe
  return '\u0e00-\u1049\u1050-\u109f\u1100-\u11ff\u1780-\u17d3\u17dc-\u17ff\u3005-\u3007\u3041-\u3096\u3099\u309a'
    '\u30a1-\u30fa\u30fc-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\U00020000-\U0003ffff';

-- Letters that stick to words without being any.
create or replace function rules.no_word() returns text
  language sql immutable parallel safe
  return '''s\M|(?<![a-z0-9])v(?=[0-9])|(?<=[0-9])t(?=[0-9])|(?<=[0-9])z(?![a-z0-9])';

-- The words of a text, with spaces between them. Whatever is no letter, mark or
-- digit parts words, so what is joined by / . - _ @ : and the like is several words in
-- a row: each is found, and so is the whole, as a phrase. An English 's is no word,
-- nor are the letters of v24.1 and of 2026-11-30T10:00Z, which people leave out. A
-- run of unspaced letters becomes its pairs and its last letter: "abcd" is "ab bc cd d".
-- Folded, one character may be eighteen: of a text that grows so much the end has no
-- words, or it would cost as much as many.
create or replace function rules.words(text text) returns text
language plpgsql immutable strict parallel safe as $$
declare
  words text := left(rules.folded(text), length(text) + 2000);
begin
  if rules.is_ascii(words) then
    return regexp_replace(words, rules.no_word() || '|[^a-z0-9\s]+', ' ', 'g');
  end if;
  words := regexp_replace(words collate "und-x-icu",
    rules.no_word() || '|[^[:alnum:]\s\u0900-\u0963\u0966-\u0dff\u1700-\u1734\u1810-\u1aad\ua800-\uabff' || rules.unspaced() || ']+',
    ' ', 'g');
  if words ~ ('[' || rules.unspaced() || ']') then
    words := regexp_replace(words, '[' || rules.unspaced() || ']+', ' \& ', 'g');
    words := regexp_replace(words, '(?<=[' || rules.unspaced() || '])[' || rules.unspaced() || ']', '\& \&', 'g');
  end if;
  return words;
end $$;

create or replace function rules.word_vector(text text) returns tsvector
  language sql immutable parallel safe
  return to_tsvector('casework.words', rules.words(text));

-- These words in a row; null: there are none. At the end, the last letter of a run
-- stands in its last pair already, and a letter alone may begin a pair. PostgreSQL
-- counts 16383 words of a text: behind them single words are found, no rows of them.
create or replace function rules.phrase(words text) returns tsquery
language plpgsql immutable parallel safe as $$
declare
  letter text := '[' || rules.unspaced() || ']';
  spaced text := regexp_replace(btrim(regexp_replace(words, '\s+', ' ', 'g')),
    format('(%1$s%1$s) %1$s$', letter), '\1');
begin
  return to_tsquery('casework.words', '''' || replace(nullif(spaced, ''), ' ', ''' <-> ''') || ''''
    || case when spaced ~ format('(^| )%s$', letter) then ':*' else '' end);
end $$;

-- A word that nearly every English text holds.
create or replace function rules.is_stop_word(word text) returns boolean
  language sql immutable parallel safe
  return ts_lexize('pg_catalog.english_stem', word) = '{}';

-- A text that holds any of these words, stop words apart; null: no other words.
create or replace function rules.any_word(words text) returns tsquery
  language sql immutable parallel safe
  return (
    select to_tsquery('casework.words', string_agg(distinct '''' || w.found[1] || '''', ' | '))
    from regexp_matches(words, '\S+', 'g') as w (found)
    where not rules.is_stop_word(w.found[1]));
