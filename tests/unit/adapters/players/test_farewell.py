"""When two sides have said goodbye to each other."""

import gzip
import json
from pathlib import Path

import pytest

from sparring.adapters.players.farewell import both_said_goodbye, only_courtesies
from sparring.domain.transcript import AgentMessage, Side, ToolCall, ToolResult, Transcript, UserMessage
from sparring.testing import agent_says, user_says

RECORDED = Path(__file__).parents[5] / "shared/data/tau2/trajectories.jsonl.gz"


def talk(*lines):
    """The user's line, the agent's, and so on."""
    return Transcript([agent_says(line) if number % 2 else user_says(line) for number, line in enumerate(lines)])


@pytest.mark.parametrize(
    ("user", "agent"),
    [
        ("No, that's all. Thank you, goodbye!", "You're welcome, Amelia. Have a great day!"),
        ("Thanks, bye", "Goodbye! Enjoy your flight."),
        ("Thanks for your help. Have a nice evening.", "You too! Take care."),
        ("That’s everything, bye!", "You’re welcome. If anything comes up, feel free to write again. Bye!"),
        ("Nein, das war alles. Auf Wiedersehen!", "Ich wünsche Ihnen noch einen schönen Tag. Auf Wiedersehen!"),
        ("Danke, tschüss!", "Gern geschehen. Tschüss und gute Reise!"),
        ("Merci beaucoup, au revoir.", "Je vous en prie. Bonne journée et au revoir !"),
        ("Non merci, bonne soirée", "Je vous souhaite une excellente soirée. À bientôt !"),
        ("No, eso es todo. ¡Gracias, adiós!", "¡De nada! Que tenga un buen día."),
        ("Gracias, hasta luego.", "¡Hasta luego, señora Sánchez!"),
        ("Grazie mille, arrivederci.", "Prego! Le auguro una buona giornata. Arrivederci."),
        ("Obrigada, tchau!", "De nada! Tenha um ótimo dia."),
        ("É só isso, obrigado. Até logo!", "Obrigado pelo contato. Até breve!"),
        ("Nee, dat was alles. Tot ziens!", "Graag gedaan. Fijne dag nog, tot ziens!"),
        ("Bedankt, doei", "Prettige avond!"),
    ],
)
def test_goodbyes_of_both_sides_are_noticed(user, agent):
    assert both_said_goodbye(talk(user, agent))


@pytest.mark.parametrize(
    ("user", "agent"),
    [
        ("Thanks, bye!", "I'll now cancel your reservation, one moment. Goodbye!"),
        ("Thanks, bye!", "I’ll cancel it right away. Have a great day!"),
        ("Thanks, bye!", "I am cancelling your reservation. Have a great day!"),
        ("Thanks, bye!", "Let me transfer you to a colleague. Take care!"),
        ("Thanks, bye!", "Your refund will be paid out next week. Goodbye!"),
        ("Thanks, bye!", "Goodbye! Or is there anything else I can do for you?"),
        ("Thanks, bye!", "You're welcome."),
        ("Thank you.", "Have a great day!"),
        ("Yes, please cancel it. Thanks, bye!", "Goodbye!"),
        ("Go ahead and cancel it then, bye.", "Have a great day!"),
        ("Bye. Wait, what about my bags?", "Goodbye!"),
        ("Danke, auf Wiedersehen!", "Ich storniere jetzt Ihre Buchung. Auf Wiedersehen!"),
        ("Danke, auf Wiedersehen!", "Einen Moment, ich prüfe das. Auf Wiedersehen!"),
        ("Merci, au revoir.", "Je vais annuler votre réservation. Bonne journée !"),
        ("Merci, au revoir.", "J'annule votre réservation. Au revoir !"),
        ("Gracias, adiós.", "Voy a cancelar su reserva. ¡Adiós!"),
        ("Gracias, adiós.", "Le enviaré un correo. Que tenga un buen día."),
        ("Grazie, arrivederci.", "Un attimo, procedo con la cancellazione. Arrivederci."),
        ("Grazie, arrivederci.", "Sto cancellando la prenotazione. Buona giornata!"),
        ("Obrigado, tchau.", "Vou cancelar a sua reserva. Tchau!"),
        ("Obrigado, tchau.", "Estou a processar, aguarde um instante. Até logo!"),
        ("Bedankt, tot ziens.", "Ik ga uw boeking nu annuleren. Tot ziens!"),
        ("Bedankt, tot ziens.", "Een ogenblik geduld. Fijne dag!"),
    ],
)
def test_a_promise_a_question_or_a_request_is_no_end(user, agent):
    assert not both_said_goodbye(talk(user, agent))


def test_a_goodbye_that_nobody_answered_yet_is_no_end():
    assert not both_said_goodbye(talk("Goodbye!"))
    assert not both_said_goodbye(Transcript([agent_says("Goodbye!")]))
    assert not both_said_goodbye(Transcript())


def test_what_the_agent_does_between_the_goodbyes_does_not_hide_them():
    transcript = Transcript(
        [
            user_says("That is all, thank you. Goodbye."),
            agent_says(None, close_ticket={"id": "7"}),
            ToolResult(call_id="call_1", name="close_ticket", text="ok"),
            agent_says("Goodbye!"),
        ]
    )
    assert both_said_goodbye(transcript)


def test_a_goodbye_beside_a_tool_call_is_no_end():
    assert not both_said_goodbye(Transcript([user_says("Bye!"), agent_says("Goodbye!", cancel={})]))


def test_a_long_message_is_never_a_mere_goodbye():
    assert not both_said_goodbye(talk("Bye!", "Here are the terms. " * 30 + "Goodbye!"))


def test_thanks_without_end_are_noticed_after_three_rounds():
    polite = ["Thank you so much!", "You're welcome! Is there anything else I can help you with?"]
    assert not only_courtesies(talk(*polite * 2))
    assert only_courtesies(talk(*polite * 3))
    assert only_courtesies(talk("Cancel my flight X7.", "It is cancelled.", *polite * 3))


@pytest.mark.parametrize(
    ("user", "agent"),
    [
        ("Danke schön!", "Gern geschehen! Kann ich sonst noch etwas tun? Schönen Abend noch!"),
        ("Merci beaucoup !", "Je vous en prie ! Autre chose pour vous ?"),
        ("¡Muchas gracias!", "¡De nada! ¿Necesita algo más?"),
        ("Grazie ancora!", "Prego! Posso fare altro per lei?"),
        ("Muito obrigada!", "De nada! Posso ajudar em algo mais?"),
        ("Dank u wel!", "Graag gedaan! Kan ik verder nog iets voor u doen?"),
    ],
)
def test_thanks_without_end_are_noticed_in_several_languages(user, agent):
    assert only_courtesies(talk(*[user, agent] * 3))


@pytest.mark.parametrize(
    ("user", "agent"),
    [
        ("Thank you. My name is Tom.", "Thank you. And your date of birth?"),
        ("Thanks, it is 4471.", "Thank you very much."),
        ("Thank you, please go ahead.", "Thank you for waiting."),
        ("Thanks!", "Thank you. One moment, I am still checking."),
        ("Thanks, but what about my refund?", "You're welcome!"),
        ("I want my money.", "Thank you for your patience."),
    ],
)
def test_politeness_with_substance_is_no_mere_courtesy(user, agent):
    assert not only_courtesies(talk(*[user, agent] * 4))


def recorded():
    with gzip.open(RECORDED, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def message_of(given):
    calls = tuple(
        ToolCall(id=call["id"] or "", name=call["name"], arguments=call["arguments"] or {})
        for call in given.get("tool_calls") or ()
    )
    match given["role"]:
        case "user":
            return UserMessage(text=given.get("content"), calls=calls)
        case "assistant":
            return AgentMessage(text=given.get("content"), calls=calls)
    return ToolResult(
        call_id="", name="", text=given.get("content") or "", side=Side(given.get("requestor") or "assistant")
    )


@pytest.mark.skipif(not RECORDED.exists(), reason="The recorded conversations of tau2-bench are not here.")
def test_no_recorded_conversation_would_be_cut_before_the_agent_acts():
    cut = []
    for line, conversation in enumerate(recorded()):
        messages = [message_of(given) for given in conversation["messages"]]
        transcript = Transcript()
        for place, message in enumerate(messages, 1):
            transcript.extend([message])
            if not isinstance(message, AgentMessage) or not message.text or message.calls:
                continue
            if both_said_goodbye(transcript) or only_courtesies(transcript):
                cut += [(line, place) for later in messages[place:] if getattr(later, "calls", ())]
    assert cut == []
