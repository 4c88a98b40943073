# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Statements with a word changed, lost or moved: whatever they are now,
the answer is rows or an error with a number."""

from __future__ import annotations

import os
import random
import threading

import pytest

from simulator.engine.events import SqlError
from simulator.engine.tsql.lexer import Token, tokens

from .conftest import Client, start
from .test_queries import VALUES
from .test_refusals import REFUSALS

ROUNDS = int(os.environ.get("DEADPOOL_ROUNDS", "1500"))
_STATEMENTS = (
    *(query for query, _ in VALUES),
    *(batch for batch, _ in REFUSALS),
    "INSERT INTO dbo.Patients (Name, Fee) OUTPUT inserted.Id VALUES (N'x', 1), (DEFAULT, 2)",
    "UPDATE p SET p.Fee += 1 FROM dbo.Patients AS p JOIN sys.objects AS o ON o.object_id = p.Id WHERE p.Id > 1",
    "DECLARE @a int = 1, @b nvarchar(9); IF @a = 1 BEGIN SET @b = 'x' SELECT @b END ELSE PRINT 'y'",
    "BEGIN TRY BEGIN TRAN DELETE FROM Patients COMMIT END TRY BEGIN CATCH ROLLBACK THROW END CATCH",
    "SELECT TOP (5) name, COUNT(*) OVER (PARTITION BY type) FROM sys.objects AS o WITH (NOLOCK) ORDER BY name DESC",
    "CREATE TABLE T (a int IDENTITY(1, 1) PRIMARY KEY, b varchar(5) NOT NULL DEFAULT 'x' CHECK (b > ''))",
    "ALTER TABLE Patients ADD c decimal(5, 2) NULL CONSTRAINT d DEFAULT 1 ALTER TABLE Patients DROP COLUMN c",
)
_ENDLESS = ("WAITFOR", "WHILE", "KILL", "v + 1")


def pieces(batch: str) -> list[Token]:
    try:
        return tokens(batch)[:-1]
    except SqlError:
        return []


@pytest.mark.parametrize("seed", range(2))
def test_no_statement_brings_it_down(tmp_path_factory: pytest.TempPathFactory, seed: int) -> None:
    instance = start(tmp_path_factory.mktemp("mutations") / "prod")
    client = Client(instance)
    chance = random.Random(seed)
    batches = [pieces(batch) for batch in _STATEMENTS if not any(word in batch for word in _ENDLESS)]
    by_kind: dict[str, list[str]] = {}
    for token in (token for batch in batches for token in batch):
        by_kind.setdefault(token.kind, []).append(token.text)
    client.run("CREATE DATABASE Hospital")
    table = (
        "CREATE TABLE dbo.Patients (Id int IDENTITY PRIMARY KEY, Name nvarchar(50), Fee decimal(10,2), Seen"
        " datetime2(3))"
    )
    for turn in range(ROUNDS):
        if turn % 25 == 0:
            client.ask("IF @@TRANCOUNT > 0 ROLLBACK SET IMPLICIT_TRANSACTIONS OFF USE Hospital")
            client.ask(f"IF OBJECT_ID('dbo.Patients') IS NULL {table}")
        words = [(token.kind, token.text) for token in chance.choice([batch for batch in batches if batch])]
        at = chance.randrange(len(words))
        change = chance.random()
        if change < 0.7:
            words[at] = (words[at][0], chance.choice(by_kind[words[at][0]]))
        elif change < 0.85:
            del words[at]
        else:
            other = chance.randrange(len(words))
            words[at], words[other] = words[other], words[at]
        text = " ".join(word for _, word in words)
        watchdog = threading.Timer(10, client.session.cancel)
        watchdog.start()
        answer = client.ask(text)
        watchdog.cancel()
        assert not any("could not run this statement" in message.text for message in answer.messages), text
    instance.stop()
