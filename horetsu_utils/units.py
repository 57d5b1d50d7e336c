"""Units and currencies as people say them."""

UNITS = {
    "yen": "円",
    "day": "日",
    "order": "回",
    "customer": "人",
    "row": "行",
    "item": "点",
    "ratio": "%",
    "score": "点",
    "celsius": "℃",
    "character": "文字",
    "month": "か月",
    "campaign": "件",
    "contact": "回",
    "point": "ポイント",
    "voice": "件",
    "question": "問",
    "times": "倍",
}

CURRENCIES = {
    "JPY": "円",
    "USD": "ドル",
    "EUR": "ユーロ",
    "GBP": "ポンド",
    "CNY": "元",
    "KRW": "ウォン",
    "TWD": "台湾ドル",
}
