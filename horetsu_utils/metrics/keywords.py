"""The words that stand out in the comments of one group of voices, and the emotions these tell."""

import ibis
import ibis.expr.types as ir

from horetsu_utils import intervals
from horetsu_utils.method import GapRules


def distinctive(words: ir.Table, voices: ir.Table, *, by: str, rules: GapRules) -> ir.Table:
    """Find the words that the comments of a group have more often than all others, by their log-odds.

    A comment has a word once, however often it says it, so that no long letter speaks for many people. A word and its
    denial are two words. The prior is that of all comments together: rare words need more than a few comments.

    Shape
        words (one row per voice and word), voices (those with a comment) -> one row per group and word that stands out,
        in each group the most telling first
    Columns
        the column `by`; word, denied, shown (how it is said most often); comments: of the group that have the word
        [comment]; ratio: share of the group's, ratio_others: share of the others' comments [0-1]; log_odds: log of the
        odds ratio, shrunk by the prior; z: in standard errors
    Errors
        none; words in few comments, or that chance may explain, are no rows; nor, without a prior, those of one group
    Source
        Monroe, Colaresi & Quinn 2008, Political Analysis 16:372-403, equations 15-22 (informative Dirichlet prior)
    """
    said = words.select("voice_id", "word", "denied").distinct().join(voices.select("voice_id", by), "voice_id")
    sizes = voices.group_by(by).aggregate(commented=voices.count())
    sizes = sizes.mutate(others=sizes.commented.sum().over(ibis.window()) - sizes.commented)
    counts = said.group_by(by, "word", "denied").aggregate(comments=said.count())
    told = counts.mutate(
        own=counts.comments.sum().over(ibis.window(group_by=by)),
        word_whole=counts.comments.sum().over(ibis.window(group_by=["word", "denied"])),
        whole=counts.comments.sum().over(ibis.window()),
    )
    scored = _log_odds(told, rules.prior_words).join(sizes, by)
    out = scored.filter((scored.comments >= rules.word_comments) & (scored.z >= rules.word_z))
    rates = {
        "ratio": out.comments / out.commented,
        "ratio_others": (out.word_whole - out.comments) / out.others.nullif(0),
    }
    rows = out.mutate(**rates).join(spoken(words), ["word", "denied"])
    columns = ("word", "denied", "shown", "comments", "ratio", "ratio_others", "log_odds", "z")
    return rows.select(by, *columns).order_by(by, ibis.desc("z"), "word", "denied")


def _log_odds(told: ir.Table, prior_words: float) -> ir.Table:
    """Compare each word's odds in its group with those in all other groups."""
    prior = prior_words * told.word_whole / told.whole

    def odds(count: ir.NumericValue, whole: ir.NumericValue) -> ir.FloatingValue:
        others = whole + prior_words - count - prior
        return ((count + prior).nullif(0) / others.nullif(0)).log()  # 0 where there is one word, or no prior

    rest = told.word_whole - told.comments
    log_odds = odds(told.comments, told.own) - odds(rest, told.whole - told.own)
    error = (1 / (told.comments + prior) + 1 / (rest + prior)).sqrt()
    return told.mutate(log_odds=log_odds, z=log_odds / error)


def spoken(words: ir.Table) -> ir.Table:
    """Tell how each word is written most often.

    Shape
        one row per voice and word -> one row per word and denial
    Columns
        word; denied; shown: as it stands in most comments
    Errors
        none; of two ways as frequent, the first in order of the alphabet
    Source
        none: the words of METHOD.md section 5 are to be read by people
    """
    counts = words.group_by("word", "denied", "shown").aggregate(times=words.voice_id.nunique())
    ranked = ibis.window(group_by=["word", "denied"], order_by=[ibis.desc("times"), "shown"])
    first = counts.mutate(place=ibis.row_number().over(ranked))
    return first.filter(first.place == 0).select("word", "denied", "shown")


def emotions(words: ir.Table, voices: ir.Table, lexicon: ir.Table, *, by: str) -> ir.Table:
    """Tell in how many comments of each group an emotion is told.

    Shape
        words, voices (those with a comment), lexicon (word, denied, emotion) -> one row per group and emotion told
    Columns
        the column `by`; emotion; comments: that tell it [comment]; commented: of the group [comment]; ratio with low,
        high [0-1, Wilson 95 %]
    Errors
        none
    Source
        METHOD.md section 5; the words are the client's or the kit's own (templates/rules/emotions.yaml)
    """
    sizes = voices.group_by(by).aggregate(commented=voices.count())
    felt = words.join(lexicon, ["word", "denied"]).select("voice_id", "emotion").distinct()
    told = felt.join(voices.select("voice_id", by), "voice_id")
    rows = told.group_by(by, "emotion").aggregate(comments=told.count()).join(sizes, by)
    low, high = intervals.wilson(rows.comments, rows.commented)
    found = rows.mutate(ratio=rows.comments / rows.commented, low=low, high=high)
    return found.order_by(by, ibis.desc("comments"), "emotion")
