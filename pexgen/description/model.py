"""A description as Python sees it: the schema's keys, each section a frozen dataclass.

An optional key without default is None when it is left out, an optional list is empty, an optional section is None. A
field without default here that the schema does not require takes its default from another key (``x-default-from``).
Made from pexgen/schema/description.schema.json by tools/from_schema.py; changes are made there.
"""

# No "from __future__ import annotations": the reader looks at the fields' types, and resolving text is slow.

from dataclasses import field

from pexgen.frozen import FrozenValue

READ_FROM_FILE = {"from": "a file that the description names"}
"""Marks a field that is no key: its value is read from a file."""


class Target(FrozenValue):
    """The organization that the runbook is for."""

    platform: str
    organization: str | None = None
    tenant_id: str | None = None
    environment: str = "worldwide"
    accepted_domain: str | None = None
    version: str | None = None


class Tasks(FrozenValue):
    """Who does each manual task, and when."""

    usage_report: str | None = None
    entra: str | None = None
    group: str | None = None
    pexip_infinity: str | None = None
    add_in: str | None = None
    old_account: str | None = None


class Change(FrozenValue):
    """What your change-control form asks for."""

    ticket: str | None = None
    title: str | None = None
    requester: str | None = None
    window: str | None = None
    justification: str | None = None
    affected_services: str | None = None
    outage: str | None = None
    duration: str | None = None
    communication: str | None = None
    member_owner: str | None = None
    tasks: Tasks | None = None


class Calendar(FrozenValue):
    """Calendar processing of the equipment mailbox."""

    automate_processing: str | None = None
    allow_conflicts: bool | None = None
    booking_window_in_days: int | None = None
    enforce_scheduling_horizon: bool | None = None
    maximum_duration_in_minutes: int | None = None
    delete_comments: bool | None = None
    delete_subject: bool | None = None
    add_organizer_to_subject: bool | None = None
    remove_private_property: bool | None = None
    process_external_meeting_messages: bool | None = None
    delete_attachments: bool | None = None
    delete_non_calendar_items: bool | None = None
    add_new_requests_tentatively: bool | None = None
    remove_old_meeting_messages: bool | None = None


class Equipment(FrozenValue):
    """The equipment mailbox that every meeting made with the add-in invites."""

    address: str
    name: str
    display_name: str = ""
    alias: str = ""
    adopt: bool = False
    calendar: Calendar | None = None


class Application(FrozenValue):
    """The Entra application that Pexip's scheduling service signs in as."""

    name: str
    client_id: str
    object_id: str
    assignment: str


class SchedulingGroup(FrozenValue):
    """The group whose direct members the application may act for."""

    address: str
    name: str
    adopt: bool = False
    members: tuple[str, ...] = ()
    managed_by: str | None = None
    prune: bool = False
    harden: bool = False


class Scope(FrozenValue):
    """The management scope that limits the application's role to the group."""

    name: str
    max_mailboxes: int | None = None


class Proof(FrozenValue):
    """Mailboxes that Verify tests the scope with, in both directions."""

    in_scope: tuple[str, ...]
    out_of_scope: tuple[str, ...]


class Keep(FrozenValue):
    """An application that must stay reachable."""

    client_id: str
    name: str = ""


class Ews(FrozenValue):
    """The organization's list of applications that may use EWS, and the opening for ours."""

    policy: str = "check"
    switch_on: bool = False
    keep: tuple[Keep, ...] = ()
    no_others: str | None = None
    user_agent: str | None = None
    retire: tuple[Keep, ...] = ()


class Delegate(FrozenValue):
    """One account with Full Access to the equipment mailbox."""

    account: str
    automapping: bool = False


class OneTouchJoin(FrozenValue):
    """What Pexip One-Touch Join uses in the same organization."""

    accounts: tuple[str, ...] = ()
    client_ids: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()


class AddIn(FrozenValue):
    """The Outlook add-in, where it is made available with PowerShell rather than by Centralized Deployment.

    Read from the file that a key names: ``manifest_sha256``: SHA-256 of its bytes, in hexadecimal digits; ``id``: the
    add-in's ID, a GUID; ``version``: its version; ``provider_name``: its publisher; ``display_name``: its name;
    ``permission``: the permission that it asks for; ``mailbox_set``: the least version of the requirement set Mailbox
    that some part of it needs, such as 1.8; ``hosts``: the hosts that its code is loaded from; ``asks``: in words, what
    it asks for beyond its permission.
    """

    manifest: str
    provided_to: str = "everyone"
    users: tuple[str, ...] = ()
    default_state: str = "enabled"
    manifest_sha256: str = field(default="", metadata=READ_FROM_FILE)
    id: str = field(default="", metadata=READ_FROM_FILE)
    version: str = field(default="", metadata=READ_FROM_FILE)
    provider_name: str = field(default="", metadata=READ_FROM_FILE)
    display_name: str = field(default="", metadata=READ_FROM_FILE)
    permission: str = field(default="", metadata=READ_FROM_FILE)
    mailbox_set: str = field(default="", metadata=READ_FROM_FILE)
    hosts: tuple[str, ...] = field(default=(), metadata=READ_FROM_FILE)
    asks: tuple[str, ...] = field(default=(), metadata=READ_FROM_FILE)


class ServiceAccount(FrozenValue):
    """The service account of Pexip's scheduling service (methods service-account and migrate)."""

    user_principal_name: str
    name: str | None = None
    adopt: bool = False
    organizational_unit: str | None = None
    existing: bool = False


class Impersonation(FrozenValue):
    """How far Application Impersonation reaches."""

    scope: str
    group: str | None = None
    assignment: str
    scope_name: str


class Authentication(FrozenValue):
    """Exchange Server only: how the service account signs in to EWS."""

    methods: tuple[str, ...]
    virtual_directory: str | None = None


class Oauth(FrozenValue):
    """Exchange Online: the app registration by which an existing service account signs in."""

    client_id: str | None = None
    management_node: str | None = None


class Pexip(FrozenValue):
    """What is entered in Pexip Infinity, for the value sheet."""

    management_node: str | None = None
    name: str | None = None
    description: str | None = None
    addin_server_domain: str | None = None
    url: str | None = None
    alias_prefix: str | None = None
    alias_domain: str | None = None
    alias_suffix_length: int = 6
    enable_dynamic_vmrs: bool = True
    enable_personal_vmrs: bool = False
    meeting_buffer_before: int = 30
    meeting_buffer_after: int = 60
    addin_authentication_method: str | None = None
    addin_application_id: str | None = None
    addin_naa_web_api_application_id: str | None = None


class Accepted(FrozenValue):
    """One accepted finding."""

    code: str
    reason: str


class Description(FrozenValue):
    """One deployment."""

    version: int
    name: str
    method: str
    target: Target
    change: Change | None = None
    equipment: Equipment
    application: Application | None = None
    scheduling_group: SchedulingGroup | None = None
    scope: Scope | None = None
    proof: Proof | None = None
    ews: Ews | None = None
    delegates: tuple[Delegate, ...] = ()
    one_touch_join: OneTouchJoin | None = None
    add_in: AddIn | None = None
    service_account: ServiceAccount | None = None
    impersonation: Impersonation | None = None
    authentication: Authentication | None = None
    oauth: Oauth | None = None
    pexip: Pexip | None = None
    accept: tuple[Accepted, ...] = ()
