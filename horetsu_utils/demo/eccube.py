"""The demo's orders and customers as EC-CUBE 4 exports them: one row per order item, order columns repeated."""

import numpy as np
import pandas as pd

from horetsu_utils.demo import catalog

ORDER_HEADER = (  # noqa: SIM905 (as the export prints it)
    "注文ID,注文番号,会員ID,お名前(姓),お名前(名),お名前(セイ),お名前(メイ),会社名,郵便番号,都道府県(ID),都道府県(名称),"
    "住所1,住所2,メールアドレス,TEL,性別(ID),性別(名称),職業(ID),職業(名称),誕生日,ショップ用メモ欄,小計,値引き,送料,税金,"
    "合計,支払合計,対応状況(ID),対応状況(名称),支払方法(ID),支払方法(名称),受注日,入金日,注文詳細ID,商品ID,商品規格ID,"
    "商品名,商品コード,規格名1,規格名2,規格分類名1,規格分類名2,価格,個数,税率,税率ルール(ID),明細区分(ID),明細区分(名称),"
    "出荷ID,配送先_お名前(姓),配送先_お名前(名),配送先_お名前(セイ),配送先_お名前(メイ),配送先_会社名,配送先_郵便番号,"
    "配送先_都道府県(ID),配送先_都道府県(名称),配送先_住所1,配送先_住所2,配送先_TEL,配送業者(ID),配送業者(名称),"
    "お届け時間ID,お届け時間(名称),お届け希望日,送料,発送日,出荷伝票番号,配達用メモ,出荷メール送信日"
).split(",")
PERSON_COLUMNS = ORDER_HEADER[3:21]
SHIPMENT_FEE_PLACE = 65
"""Place of the second 送料, the one of the shipment."""
PRODUCT, SHIPPING, FEE, DISCOUNT, POINT = 1, 2, 3, 4, 6
KIND_NAMES = {PRODUCT: "商品", SHIPPING: "送料", FEE: "手数料", DISCOUNT: "割引", POINT: "ポイント"}
STATUS_IDS = {"paid": 5, "cancelled": 3, "returned": 9, "paying": 7, "buying": 8}
STATUS_NAMES = {5: "発送済み", 3: "注文取消し", 9: "返品", 7: "決済処理中", 8: "購入処理中"}
STANDARD_TAX_PERCENT = 10
SHIPPING_YEN, FREE_SHIPPING_YEN, FEE_YEN = 550, 6000, 330
FEE_PERCENT, POINT_PERCENT = 12, 8
POINT_UNIT_YEN, POINT_LEVELS = 100, 5
FEE_MIXER, POINT_MIXER = 7919, 104_729
"""Primes that spread order numbers, so that fees and points need no dice."""
UNFINISHED_EVERY, REPEATED_EVERY = 700, 997


def order_rows(orders: pd.DataFrame, people: pd.DataFrame) -> pd.DataFrame:
    """Lay the canonical orders out as the rows of EC-CUBE's 受注CSV.

    Shape
        orders, customers -> one row per order item, the 70 columns of the header
    Errors
        none
    Source
        FORMATS.md section 5. Cart leftovers (7, 8) and a few exact duplicates are added: no purchase hides in them.
    """
    items = _items(_with_unfinished(orders))
    items["tax_yen"] = _tax_yen(items)
    items = items.merge(_totals(items), on="number", validate="many_to_one")
    items = items.merge(people, on="customer_id", how="left", validate="many_to_one")
    fields = _fields(items) | _money(items) | _states(items)
    rows = pd.DataFrame({place: fields.get(name, "") for place, name in enumerate(ORDER_HEADER)}, index=items.index)
    rows[SHIPMENT_FEE_PLACE] = fields["送料"]
    twice = np.repeat(np.arange(len(rows)), np.where(np.arange(len(rows)) % REPEATED_EVERY == REPEATED_EVERY - 1, 2, 1))
    return rows.iloc[twice].set_axis(ORDER_HEADER, axis=1)


def _with_unfinished(orders: pd.DataFrame) -> pd.DataFrame:
    orders = orders.assign(number=orders["order_id"].astype(np.int64))
    left = orders[(orders["number"] % UNFINISHED_EVERY == 0) & orders["product_id"].notna()]
    number = orders["number"].max() + left["number"] // UNFINISHED_EVERY
    status = np.where(number % 2 == 0, "paying", "buying")
    return pd.concat([orders, left.assign(number=number, status=status)], ignore_index=True)


def _items(orders: pd.DataFrame) -> pd.DataFrame:
    product = orders["product_id"].notna()
    lines = orders.assign(
        kind=np.where(product, PRODUCT, DISCOUNT),
        price_yen=orders["unit_price"],
        tax_percent=orders["product_id"].map(catalog.TAX_PERCENT).fillna(STANDARD_TAX_PERCENT).astype(np.int64),
        label=orders["product_name"],
    )
    each = orders.drop_duplicates("number").assign(product_id=None, quantity=1, tax_percent=STANDARD_TAX_PERCENT)
    bought = orders[product].groupby("number")["amount"].sum().reindex(each["number"]).to_numpy()
    posted = each[bought < FREE_SHIPPING_YEN].assign(kind=SHIPPING, price_yen=SHIPPING_YEN, label="送料")
    paid_at_door = each[_on_delivery(each["number"])].assign(kind=FEE, price_yen=FEE_YEN, label="手数料")
    spending = each["number"] * POINT_MIXER % 100
    points = -POINT_UNIT_YEN * (1 + each["number"] % POINT_LEVELS)
    pointed = each.assign(price_yen=points, kind=POINT, label="ポイント", tax_percent=0)[spending < POINT_PERCENT]
    items = pd.concat([lines, posted, paid_at_door, pointed], ignore_index=True)
    items = items.sort_values(["number", "kind"], kind="stable", ignore_index=True)
    return items.assign(item_id=np.arange(1, len(items) + 1))


def _on_delivery(number: pd.Series) -> pd.Series:
    return number * FEE_MIXER % 100 < FEE_PERCENT


def _tax_yen(items: pd.DataFrame) -> pd.Series:
    whole = items["price_yen"] * items["quantity"]
    inside = items["kind"].isin([SHIPPING, FEE, POINT])
    rate = items["tax_percent"]
    tax = np.where(inside, whole * rate / (100 + rate), whole * rate / 100)
    return pd.Series(np.trunc(tax), index=items.index).astype(np.int64)


def _totals(items: pd.DataFrame) -> pd.DataFrame:
    inside = items["kind"].isin([SHIPPING, FEE, POINT])
    gross = items["price_yen"] * items["quantity"] + np.where(inside, 0, items["tax_yen"])
    chosen = {
        "subtotal": items["kind"] == PRODUCT,
        "reduced": items["kind"].isin([DISCOUNT, POINT]),
        "posting": items["kind"] == SHIPPING,
        "total": items["kind"] > 0,
    }
    parts = {name: gross.where(mask, 0).groupby(items["number"]).sum() for name, mask in chosen.items()}
    totals = pd.DataFrame(parts).assign(tax_total=items.groupby("number")["tax_yen"].sum())
    return totals.assign(reduced=-totals["reduced"]).reset_index()


def _fields(items: pd.DataFrame) -> dict[str, pd.Series]:
    person = {name: items[name] for name in PERSON_COLUMNS}
    delivery = {f"配送先_{name}": items[name] for name in PERSON_COLUMNS if f"配送先_{name}" in ORDER_HEADER}
    is_guest = items["customer_id"].str.contains("@")
    product = items["kind"] == PRODUCT
    place = items["product_id"].map({item: index + 1 for index, item in enumerate(catalog.PRODUCT_IDS)})
    number = place.astype("Int64")
    return (
        person
        | delivery
        | {
            "注文ID": items["number"],
            "注文番号": items["number"],
            "会員ID": items["customer_id"].mask(is_guest, ""),
            "注文詳細ID": items["item_id"],
            "商品ID": number,
            "商品規格ID": number,
            "商品名": items["label"],
            "商品コード": items["product_id"].where(product, ""),
            "出荷ID": items["number"],
        }
    )


def _money(items: pd.DataFrame) -> dict[str, pd.Series]:
    rule = items["tax_percent"].map({STANDARD_TAX_PERCENT: "1", 8: "2"}).fillna("")
    return {
        "小計": items["subtotal"],
        "値引き": items["reduced"],
        "送料": items["posting"],
        "税金": items["tax_total"],
        "合計": items["total"],
        "支払合計": items["total"],
        "価格": items["price_yen"],
        "個数": items["quantity"],
        "税率": items["tax_percent"],
        "税率ルール(ID)": rule,
        "明細区分(ID)": items["kind"],
        "明細区分(名称)": items["kind"].map(KIND_NAMES),
    }


def _states(items: pd.DataFrame) -> dict[str, pd.Series]:
    status = items["status"].map(STATUS_IDS)
    at = items["ordered_at"].dt.strftime("%Y-%m-%d %H:%M:%S")
    sent = (items["ordered_at"].dt.normalize() + pd.Timedelta(hours=34)).dt.strftime("%Y-%m-%d %H:%M:%S")
    is_sent = status.isin([STATUS_IDS["paid"], STATUS_IDS["returned"]])
    at_door = _on_delivery(items["number"])
    return {
        "対応状況(ID)": status,
        "対応状況(名称)": status.map(STATUS_NAMES),
        "支払方法(ID)": at_door.map({True: "2", False: "1"}),
        "支払方法(名称)": at_door.map({True: "代金引換", False: "クレジットカード"}),
        "受注日": at,
        "入金日": at.where(is_sent & ~at_door, ""),
        "発送日": sent.where(is_sent, ""),
        "出荷メール送信日": sent.where(is_sent, ""),
        "配送業者(ID)": pd.Series("1", index=items.index),
        "配送業者(名称)": pd.Series("見本運送", index=items.index),
    }
