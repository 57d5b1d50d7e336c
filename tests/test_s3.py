"""A real S3 protocol on loopback: tables laid there, and the report beside them."""

import importlib.util
import json
import os
from collections.abc import Iterator
from pathlib import Path

import command
import pytest

pytestmark = pytest.mark.skipif(
    not all(map(importlib.util.find_spec, ("moto", "s3fs", "flask"))),
    reason="no S3 server: `make s3` installs moto and s3fs beside and runs these tests",
)
DAY = "2026-06-30"


@pytest.fixture(scope="module")
def bucket() -> Iterator[object]:
    """Yield an empty bucket `shops`, on a server to which new processes are led."""
    import s3fs
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
        for name, value in (("ACCESS_KEY_ID", "test"), ("SECRET_ACCESS_KEY", "test"), ("DEFAULT_REGION", "us-east-1")):
            patch.setenv(f"AWS_{name}", value)
        filesystem = s3fs.S3FileSystem(skip_instance_cache=True)
        filesystem.mkdir("shops")
        yield filesystem
    server.stop()


def run(home: Path, *words: str) -> str:
    done = command.horetsu(home, "run", *words)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout


def test_the_report_beside_tables_at_an_address_is_the_same(bucket: object, demo_client: Path, tmp_path: Path) -> None:
    run(tmp_path, str(demo_client), "--out", "here")
    settings = demo_client / "client.yaml"
    before = settings.read_text(encoding="utf-8")
    settings.write_text(f"{before}\nstore: s3://shops/表 1\n", encoding="utf-8")
    try:
        told = run(tmp_path, str(demo_client), "--out", "s3://shops/reports")
    finally:
        settings.write_text(before, encoding="utf-8")
    assert f"お店にお渡しするものを、番地に置きました: s3://shops/reports/demo/{DAY}/report.html" in told
    here = tmp_path / "here" / "demo" / DAY
    for name in ("report.json", "board.html"):
        assert bucket.cat_file(f"shops/reports/demo/{DAY}/{name}") == (here / name).read_bytes()
    bucket.invalidate_cache()
    edition = sorted(path.name for path in here.iterdir() if path.is_file())
    assert sorted(each.rpartition("/")[2] for each in bucket.ls(f"shops/reports/demo/{DAY}", detail=False)) == edition
    (mark,) = bucket.glob("shops/表 1/demo/*/tables.json")
    assert len(json.loads(bucket.cat_file(mark))["lines"]) > 1
    assert os.path.commonpath(bucket.find("shops/表 1")) == "shops/表 1/demo"


@pytest.mark.parametrize(
    ("address", "why"),
    [("s3://no-such-bucket/x", "見つかりません"), ("s3://shops/locked", "読み書きが許されていません")],
)
def test_what_the_server_refuses_is_told_and_no_bucket_is_made(
    bucket: object, demo_client: Path, tmp_path: Path, address: str, why: str
) -> None:
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::shops/locked/*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [deny]})
    bucket.call_s3("put_bucket_policy", Bucket="shops", Policy=policy)
    done = command.horetsu(tmp_path, "run", str(demo_client), "--only", "01_rfm", "--out", address)
    assert done.returncode == 1
    assert f"✗ 番地のファイルを読み書きできませんでした({why})。\n場所: {address}/demo\n次に: " in done.stderr
    assert "Traceback" not in done.stderr
    bucket.invalidate_cache()
    assert bucket.ls("", detail=False) == ["shops"]


def test_a_server_that_is_gone_is_told(demo_client: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (
        ("ENDPOINT_URL", "http://127.0.0.1:9"),
        ("ACCESS_KEY_ID", "a"),
        ("SECRET_ACCESS_KEY", "very-secret"),
    ):
        monkeypatch.setenv(f"AWS_{name}", value)
    done = command.horetsu(tmp_path, "run", str(demo_client), "--only", "01_rfm", "--out", "s3://shops")
    assert done.returncode == 1
    assert "✗ 番地のファイルを読み書きできませんでした(" in done.stderr
    assert "very-secret" not in done.stderr + done.stdout
