"""`/webhooks`: addresses that are told what happens with an agent."""

from __future__ import annotations

from base64 import b32encode
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from sparring.dialects.fields import true_or_false
from sparring.dialects.sigmamind import chat_wire
from sparring.dialects.sigmamind.translate.webhooks import delivery_record, new_webhook, webhook_record
from sparring.dialects.sigmamind.translate.wrapper import wrapped
from sparring.dialects.spelling import AGENT, WEBHOOK, candidates, spell
from sparring.domain.errors import InvalidInput
from sparring.domain.webhooks import Webhook
from sparring.server.errors import answer
from sparring.server.sigmamind.documented import AgentQuery, PageQuery, SizeQuery, reading, writing
from sparring.server.sigmamind.records import AtDesk, Desk, missing
from sparring.simulation.store import Page

WebhookId = Annotated[str, Path(alias="webhookId")]
ActiveQuery = Annotated[
    bool, *true_or_false(), Query(description="Only those that are active, or only those that are not.")
]

PREFIX = "whsec_"


async def create_webhook(body: chat_wire.CreateWebhook, desk: AtDesk) -> Response:
    """Make a webhook. The secret that its deliveries are signed with is shown this once."""
    services = desk.services
    agent = await desk.agent(body.agent_id)
    try:
        await services.chats.web.check(body.url)
    except InvalidInput as error:
        raise InvalidInput(f"url: {error}", field="url") from None
    webhook = new_webhook(
        body,
        id=services.runner.new_id(),
        workspace=desk.caller.workspace,
        agent_id=agent.id,
        secret=PREFIX + b32encode(services.clock.entropy(20)).decode().lower(),
        now=services.clock.now(),
    )
    await services.store.save_webhook(webhook)
    record = webhook_record(
        webhook, workspace=desk.caller.workspace_name, agent=spell(AGENT, agent.id, agent.alias)
    )
    return answer(chat_wire.CreatedWebhook(**record, secret=webhook.secret), 201)


async def get_webhook(webhook_id: WebhookId, desk: AtDesk) -> Response:
    """One webhook."""
    return answer(await _shown(await _webhook(webhook_id, desk), desk))


async def list_webhooks(
    desk: AtDesk, agent: AgentQuery = None, active: ActiveQuery = True, page: PageQuery = 0, size: SizeQuery = 10
) -> Response:
    """The webhooks of the workspace, newest first."""
    owner = await desk.agent(agent) if agent is not None else None
    found, total = await desk.services.store.webhooks(
        desk.caller.workspace,
        Page(offset=page * size, size=size),
        agent_id=owner.id if owner is not None else None,
        active=active,
    )
    return answer(wrapped([await _shown(one, desk) for one in found], page=page, size=size, total=total))


async def delete_webhook(webhook_id: WebhookId, desk: AtDesk) -> Response:
    """Remove a webhook with its deliveries."""
    webhook = await _webhook(webhook_id, desk)
    await desk.services.store.delete_webhook(desk.caller.workspace, webhook.id)
    return Response(status_code=204)


async def list_deliveries(
    webhook_id: WebhookId, desk: AtDesk, page: PageQuery = 0, size: SizeQuery = 10
) -> Response:
    """What a webhook was told or is to be told, newest first."""
    webhook = await _webhook(webhook_id, desk)
    found, total = await desk.services.store.deliveries(webhook.id, Page(offset=page * size, size=size))
    return answer(wrapped([delivery_record(one, webhook) for one in found], page=page, size=size, total=total))


def add_routes(router: APIRouter) -> None:
    """Serve these endpoints."""
    one, many = "/webhooks/{webhookId}", "/webhooks"
    record, made = chat_wire.WebhookRecord, chat_wire.CreatedWebhook
    router.post(many, status_code=201, response_model=made, responses=writing())(create_webhook)
    router.get(many, response_model=chat_wire.WebhookPage, responses=reading())(list_webhooks)
    router.get(one, response_model=record, responses=reading())(get_webhook)
    router.delete(one, status_code=204, responses=writing())(delete_webhook)
    router.get(f"{one}/deliveries", response_model=chat_wire.DeliveryPage, responses=reading())(list_deliveries)


async def _webhook(text: str, desk: Desk) -> Webhook:
    for id in candidates(WEBHOOK, text):
        if webhook := await desk.services.store.find_webhook(desk.caller.workspace, id):
            return webhook
    raise missing("webhook", text)


async def _shown(webhook: Webhook, desk: Desk) -> chat_wire.WebhookRecord:
    agent = await desk.services.store.find_agent(desk.caller.workspace, webhook.agent_id)
    spelled = spell(AGENT, webhook.agent_id, agent.alias if agent is not None else None)
    return webhook_record(webhook, workspace=desk.caller.workspace_name, agent=spelled)
