"""A record's seal: by its digest an accident is noticed, and by its check, keyed with the secret, a hand.

Both are over the record with all its files, and over the build and the sheet that it belongs to, so that a record that
was edited, exchanged or taken from another build is named. What has its default value is left out, so that a later
version, whose records say more, comes to the same result.
"""

import hmac
import json
from collections.abc import Mapping

from blattwerk.build.codec import digest
from blattwerk.build.order.ordered import sheet_of
from blattwerk.build.store.manifest import Manifest
from blattwerk.build.store.records import StudentRecord


def sealed(record: StudentRecord, head: Manifest, secret: bytes) -> StudentRecord:
    """The record with its seal; `head` is the manifest that it will stand in, with or without students.

    The record is one that was read: in JSON there are no tuples, and a 1 that is a measured value is a 1.0.
    """
    content = _content(record, head)
    return record.model_copy(update={"digest": digest(content), "check": _check(content, secret) if secret else ""})


def seal_mistake(record: StudentRecord, head: Manifest, secret: bytes) -> str:
    """What is wrong with a record's seal, or nothing; without a secret, only the digest is compared."""
    if record.of_format_1 and not (record.digest or record.check):
        return ""
    content = _content(record, head)
    if record.digest != digest(content):
        return "the record is not as it was written, or it is another build's"
    if secret and not hmac.compare_digest(record.check, _check(content, secret)):
        return "the record was not written by somebody who has the secret; it was edited, or it is another build's"
    return ""


def with_class_files(head: Manifest, files: Mapping[str, str], secret: bytes) -> Manifest:
    """The manifest with the digests of the class's files, sealed: with the secret, or else against accidents only."""
    fuller = head.model_copy(update={"class_files": dict(files)})
    return fuller.model_copy(update={"class_seal": _class_seal(fuller, secret)}) if files else fuller


def class_seal_mistake(head: Manifest, secret: bytes) -> str:
    """What is wrong with the list of the class's files, or nothing; without the secret that cannot be told."""
    if not (head.class_files or head.class_seal) or hmac.compare_digest(head.class_seal, _class_seal(head, secret)):
        return ""
    return "the list of the class's files (class_files) is not as it was written; build the class again"


def _class_seal(head: Manifest, secret: bytes) -> str:
    parts = ("the files of a class", head.identity.model_dump(mode="json"), dict(head.class_files))
    content = json.dumps(parts, sort_keys=True, separators=(",", ":")).encode()
    return _check(content, secret) if secret else digest(content)


def _check(content: bytes, secret: bytes) -> str:
    return hmac.digest(secret, content, "sha256").hex()


def _content(record: StudentRecord, head: Manifest) -> bytes:
    """What is sealed, in one form only."""
    parts = (
        "a student's record",
        head.draw_scheme,
        head.identity.model_dump(mode="json"),
        sheet_of(head.sheet, record.id).model_dump(mode="json", exclude_defaults=True),
        record.model_dump(mode="json", exclude={"digest", "check"}, exclude_defaults=True),
    )
    return json.dumps(parts, sort_keys=True, separators=(",", ":")).encode()
