"""What the check says of doubtful data: what, where, and what to do next."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from horetsu_utils.errors import shorten
from horetsu_utils.wording import money, percent
from horetsu_utils.words import COLUMNS, TABLES

_Facts = Mapping[str, Any]
_HASHED = {
    "mail": "メールアドレスで見分けた方",
    "phone": "電話番号で見分けた方",
    "person": "お名前と電話番号で見分けた方",
}
_MEANINGS = {"paid": "paid(買われた)", "cancelled": "cancelled(取り消し)", "returned": "returned(返品)"}


def say(code: str, facts: _Facts, currency: str = "JPY") -> str:
    """Word one doubt in at most three sentences."""
    return _WORDS[code](facts, currency)


def _stranger(facts: _Facts, _: str) -> str:
    if facts["kind"] == "unreadable":
        return f"{facts['file']} は、表として読めないため、読んでいません。{''.join(facts['reasons'])}"
    nearest = "".join(f"\n   近いもの: {reason}" for reason in facts["reasons"])
    return (
        f"{facts['file']} は、どのシステムの書き出しか分からないため、読んでいません。"
        f"horetsu map {facts['path']} で、対応表のひな形を作れます。{nearest}"
    )


def _unnamed(facts: _Facts, _: str) -> str:
    return (
        f"client.yaml の tables に書かれていないため、読んでいないファイルがあります: {'、'.join(facts['files'])}。"
        "読むものなら tables に書き足すか、tables を消して、すべて自動で見分けるようにしてください。"
    )


def _no_status(facts: _Facts, _: str) -> str:
    return (
        f"{facts['file']} に、取り消しや返品を見分ける列({'・'.join(facts['headings'][:4])})が1つもありません。"
        "このままでは、取り消された注文も売上に入ります。この列も書き出してください。"
    )


def _may_undo(facts: _Facts, _: str) -> str:
    return (
        f"{facts['file']} の列「{'」「'.join(facts['headings'][:4])}」は使っていませんが、"
        "取り消しや返品を表すかもしれません。表すなら、対応表に書き足してください。"
    )


def _repeated_amounts(facts: _Facts, _: str) -> str:
    return (
        f"明細が2行以上ある注文 {facts['orders']:,} 件のうち {facts['suspect']:,} 件で、どの明細も同じ金額です"
        f"(数量×単価とも合いません。例: {facts['file']})。注文全体の金額を、明細の数だけ数えているかもしれません。"
        "horetsu map に --force を付けて、対応表を作り直してください。"
    )


def _same_orders(facts: _Facts, _: str) -> str:
    return (
        f"同じ注文番号が {facts['orders']:,} 個、2つ以上のシステム({'・'.join(facts['origins'])})に出てきます。"
        "同じ注文を2つの書き出しから読んでいるなら、どちらかのファイルを外してください。"
    )


def _unknown_keep(facts: _Facts, _: str) -> str:
    return f"client.yaml の keep にある列「{'」「'.join(facts['headings'])}」は、どのファイルにもありません。"


def _unknown_words(facts: _Facts, _: str) -> str:
    words = "、".join(f"「{shorten(word['word'])}」({word['rows']:,} 行)" for word in facts["words"])
    pairs = [(word["word"], word["likely"] or "ここに意味") for word in facts["words"]]
    meanings = ", ".join(f"{_quoted(word)}: {meant}" for word, meant in pairs)
    guessed = "(おそらくの意味です。お店に確かめてから書いてください)" if facts["words"][0]["likely"] else ""
    return (
        f"{TABLES[facts['table']]}の「{COLUMNS[facts['column']].japanese}」に、意味の分からない言葉があり、"
        f"その行を使えません: {words}。意味を client.yaml に書いてください{guessed}。\n"
        f"   values:\n     {_quoted(facts['mapping'])}:\n       {facts['column']}: {{{meanings}}}\n"
        f"   使える意味: {'・'.join(_MEANINGS.get(each, each) for each in facts['choices'])}"
    )


def _quoted(word: str) -> str:
    """Write a word as YAML takes it whatever stands in it."""
    return json.dumps(word, ensure_ascii=False)


def _rejected(facts: _Facts, _: str) -> str:
    share = percent(facts["rows"] / facts["read"])
    return (
        f"{facts['file']} の {facts['rows']:,} 行({share})が読めませんでした。"
        "rejected.csv で、いちばん多い理由から直してください。"
    )


def _no_customer_at_all(facts: _Facts, _: str) -> str:
    return (
        f"{facts['file']}({facts['system']})には、お客様を見分ける列がありません。"
        "商品の分析には使えますが、お客様の分析(RFM など)には使えません。"
    )


def _no_customer(facts: _Facts, _: str) -> str:
    share = percent(facts["rows"] / facts["read"])
    return (
        f"{facts['file']} の {facts['rows']:,} 行({share})は、お客様が分かりません。"
        "会員番号やメールアドレスの列も書き出せるか、確かめてください。"
    )


def _lost_since(facts: _Facts, _: str) -> str:
    return (
        f"{TABLES[facts['table']]}の {facts['month']} が、"
        f"前回の {facts['before']:,} 行から {facts['rows']:,} 行に減りました。"
        "前回のファイルも data に残っているか、書き出しの条件が同じかを確かめてください。"
    )


def _month_without_orders(facts: _Facts, _: str) -> str:
    months = "、".join(facts["months"][:6]) + (
        f" ほか{len(facts['months']) - 6}か月" if len(facts["months"]) > 6 else ""
    )
    return f"注文が1件もない月があります: {months}。お休みでなければ、その月の書き出しが抜けています。"


def _future(facts: _Facts, _: str) -> str:
    return (
        f"{facts['file']} に、ファイルを書き出した日より後の注文が"
        f" {facts['rows']:,} 行あります(最後は {facts['last']})。"
        "日付の書き間違いか、予約の注文かを確かめてください。"
    )


def _unknown_customers(facts: _Facts, _: str) -> str:
    return (
        f"{TABLES[facts['table']]}のお客様 {facts['customers']:,} 人のうち"
        f" {facts['strangers']:,} 人が、注文に出てきません。"
        "注文と同じ番号か確かめてください。お店が2つ以上あるなら、"
        "client.yaml の tables のその表に、shop: 対応表の名前 と書いてください。"
    )


def _zero_amounts(facts: _Facts, _: str) -> str:
    share = percent(facts["zero"] / facts["rows"])
    return (
        f"金額が0の明細が {facts['zero']:,} 行({share})あります。"
        "おまけや見本なら、お店のフォルダの rules/not_products.yaml に names: [商品名] と書くと外せます。"
    )


def _customer_sales(facts: _Facts, _: str) -> str:
    kind = str(facts["customer"]).partition(":")[0]
    who = _HASHED.get(kind, f"お客様番号 {shorten(facts['customer'])} の方")
    return (
        f"お一人({who})が、売上の {percent(facts['ratio'])} を占めています(注文 {facts['orders']:,} 回)。"
        "お店の社内用や卸のお取引なら、分けて見てください。"
    )


def _price_jump(facts: _Facts, currency: str) -> str:
    before, price = money(facts["before"], currency), money(facts["price"], currency)
    return (
        f"「{shorten(facts['product'])}」の1点あたりの金額が、"
        f"{facts['month']} に {before} から {price} に変わりました。"
        "値段の改定か、数量や単位の間違いかを確かめてください。"
    )


def _shared_mail(facts: _Facts, _: str) -> str:
    return (
        f"1つのメールアドレスを {facts['most']:,} 通りのお名前で使っているものがあります({facts['mails']:,} 件)。"
        "お店が代わりに入力したアドレスなら、お一人の記録ではありません。"
    )


def _could_link(facts: _Facts, _: str) -> str:
    return (
        f"同じメールアドレスで、番号の違うお客様が {facts['people']:,} 組います。"
        "同じ方として数えるなら、client.yaml に link: [mail] と書いてください(いつでも元に戻せます)。"
    )


def _tax(facts: _Facts, _: str) -> str:
    if facts["tax"] == "mixed":
        return (
            "税込の金額と税抜の金額が混ざっています。足した金額は目安です。"
            "書き出しの設定をそろえられるか、確かめてください。"
        )
    return "金額が税込か税抜か、書き出しからは分かりません。お店に確かめて、client.yaml の tax に書いてください。"


_WORDS: dict[str, Callable[[_Facts, str], str]] = {
    "stranger": _stranger,
    "unnamed": _unnamed,
    "no_status": _no_status,
    "may_undo": _may_undo,
    "repeated_amounts": _repeated_amounts,
    "same_orders": _same_orders,
    "unknown_keep": _unknown_keep,
    "unknown_words": _unknown_words,
    "rejected": _rejected,
    "no_customer_at_all": _no_customer_at_all,
    "no_customer": _no_customer,
    "lost_since": _lost_since,
    "month_without_orders": _month_without_orders,
    "future": _future,
    "unknown_customers": _unknown_customers,
    "zero_amounts": _zero_amounts,
    "customer_sales": _customer_sales,
    "price_jump": _price_jump,
    "shared_mail": _shared_mail,
    "could_link": _could_link,
    "tax": _tax,
}
