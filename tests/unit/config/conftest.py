"""Two connectors with every sort of key, and a way to write and load a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from syncd.config import Settings, load

ENVIRON = MappingProxyType({"SHOP_TOKEN": "shop-secret-1", "LIST_KEY": "list-secret-2", "EMPTY": ""})
GOOD = """\
[stores.main]
kind = "shop"
shop = "my-shop"
token = { env = "SHOP_TOKEN" }

[audiences.news]
kind = "list"
list = "abc"
key = { env = "LIST_KEY" }
"""


class ShopKeys(BaseModel):
    """A store's own keys: one of two secrets, and a key with a rule of its own."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    shop: str = Field(description="The shop's short name", examples=["my-shop"])
    version: str = Field(
        default="2", pattern="^[0-9]$", description="The version to ask for, one digit. Rarely needed."
    )
    token: SecretStr | None = None
    app: SecretStr | None = None
    app_secret: SecretStr | None = None

    @field_validator("shop")
    @classmethod
    def _short(cls, shop: str) -> str:
        if "." in shop:
            raise ValueError("give the short name, without a dot")
        return shop

    @model_validator(mode="after")
    def _one_way_in(self) -> ShopKeys:
        if (self.app is None) != (self.app_secret is None) or (self.token is None) == (self.app is None):
            raise ValueError("give either token, or app and app_secret")
        return self


class ListKeys(BaseModel):
    """An audience's own keys; the rule about the key is careless enough to repeat it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: SecretStr
    list: str = Field(description="The list's id", examples=["abc"])
    fields: dict[str, Literal["first_name", "last_name"]] = {}

    @model_validator(mode="after")
    def _key_is_of_a_list(self) -> ListKeys:
        if not self.key.get_secret_value().startswith("list-"):
            raise ValueError(f"key: {self.key.get_secret_value()} is not a list's key")
        return self


class StubConnector:
    """What of a connector the settings look at."""

    def __init__(self, role: Literal["store", "audience"], settings: type[BaseModel]) -> None:
        self.role = role
        self.settings = settings

    def open(self, name: str, settings: Any, host: Any) -> Any:
        raise AssertionError("the settings open nothing")


@pytest.fixture
def connectors() -> dict[str, Any]:
    return {"shop": StubConnector("store", ShopKeys), "list": StubConnector("audience", ListKeys)}


Load = Callable[..., Settings]


@pytest.fixture
def load_text(tmp_path: Path, connectors: dict[str, Any]) -> Load:
    """Return a way to load a text, with the two accounts above it unless it has its own."""

    def load_it(text: str, *, environ: Mapping[str, str] = ENVIRON, offline: bool = False) -> Settings:
        path = tmp_path / "syncd.toml"
        path.write_text(text if "[stores" in text else GOOD + text, encoding="utf-8")
        return load(path, connectors, environ=environ, offline=offline)

    return load_it


@pytest.fixture
def environ() -> Mapping[str, str]:
    return ENVIRON
