"""The people of the EC-CUBE files: invented placeholders of a realistic shape, and the 会員CSV."""

import pandas as pd

from horetsu_utils.demo import catalog

CUSTOMER_HEADER = (  # noqa: SIM905 (as the export prints it)
    "会員ID,お名前(姓),お名前(名),お名前(セイ),お名前(メイ),会社名,郵便番号,都道府県(ID),都道府県(名称),住所1,住所2,"
    "メールアドレス,TEL,性別(ID),性別(名称),職業(ID),職業(名称),誕生日,初回購入日,最終購入日,購入回数,ショップ用メモ欄,"
    "会員ステータス(ID),会員ステータス(名称),登録日,更新日,ポイント"
).split(",")
GENDER_IDS = {"男性": "1", "女性": "2"}
GUEST_PREFECTURE, GUEST_GENDER, GUEST_BIRTHDAY = "東京都", "女性", ""
SAME_FOR_ALL = {
    "お名前(姓)": "見本",
    "お名前(セイ)": "ミホン",
    "お名前(メイ)": "オキャクサマ",
    "会社名": "",
    "郵便番号": "0000000",
    "住所1": "見本市見本町",
    "住所2": "0-0-0",
    "TEL": "00-0000-0000",
    "職業(ID)": "",
    "職業(名称)": "",
    "ショップ用メモ欄": "",
}
TIME_FORMAT = "%Y-%m-%d %H:%M:%S"


def placeholders(customers: pd.DataFrame, orders: pd.DataFrame) -> pd.DataFrame:
    """Give every customer and guest an obviously invented name, mail, telephone and address."""
    buyers = pd.Series(orders["customer_id"].unique())
    guests = pd.DataFrame({"customer_id": buyers[buyers.str.contains("@")]})
    guests = guests.assign(prefecture=GUEST_PREFECTURE, gender=GUEST_GENDER)
    who = pd.concat([customers[["customer_id", "prefecture", "gender", "birth_year"]], guests], ignore_index=True)
    number = who["customer_id"].str.extract(r"(\d+)", expand=False)
    is_guest = who["customer_id"].str.contains("@")
    mail = "demo" + number.str.zfill(5) + "@example.com"
    birthday = who["birth_year"].astype("Int64").astype("string") + "-01-01 00:00:00"
    fields = {
        "customer_id": who["customer_id"],
        "お名前(名)": "お客様" + number,
        "都道府県(ID)": who["prefecture"].map(catalog.PREFECTURES),
        "都道府県(名称)": who["prefecture"],
        "メールアドレス": mail.mask(is_guest, who["customer_id"]),
        "性別(ID)": who["gender"].map(GENDER_IDS),
        "性別(名称)": who["gender"],
        "誕生日": birthday.fillna(GUEST_BIRTHDAY),
    }
    return pd.DataFrame(fields).assign(**SAME_FOR_ALL)


def customer_rows(customers: pd.DataFrame, orders: pd.DataFrame, people: pd.DataFrame) -> pd.DataFrame:
    """Lay the canonical customers out as the rows of EC-CUBE's 会員CSV.

    Shape
        customers, orders, placeholders -> one row per member, the 27 columns of the header
    Errors
        none
    Source
        FORMATS.md section 5
    """
    paid = orders[orders["status"] == "paid"].groupby("customer_id")
    bought = pd.DataFrame(
        {
            "初回購入日": paid["ordered_at"].min().dt.strftime(TIME_FORMAT),
            "最終購入日": paid["ordered_at"].max().dt.strftime(TIME_FORMAT),
            "購入回数": paid["order_id"].nunique(),
        }
    )
    rows = customers.merge(people, on="customer_id", validate="one_to_one")
    rows = rows.merge(bought, left_on="customer_id", right_index=True, how="left")
    registered = rows["registered_at"].dt.strftime(TIME_FORMAT)
    rows = rows.assign(
        会員ID=rows["customer_id"],
        登録日=registered,
        更新日=rows["最終購入日"].fillna(registered),
        購入回数=rows["購入回数"].fillna(0).astype("int64"),
        ポイント="0",
    )
    rows["会員ステータス(ID)"] = "2"
    rows["会員ステータス(名称)"] = "本会員"
    return rows[CUSTOMER_HEADER]
