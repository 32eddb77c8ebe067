"""Whether two sides have said goodbye to each other and nothing is left to say.

Pure and cautious: a goodbye that is missed costs one more model call, one that is seen where there is none cuts
a conversation short. So a question, an announcement of work, or a request on the way out is no goodbye. Knows
English, German, French, Spanish, Italian, Portuguese and Dutch; in other languages the simulated user's own
model ends.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sparring.domain.transcript import AgentMessage, Spoken, Transcript, UserMessage

POLITE_ROUNDS = 3
"""After so many rounds of nothing but thanks and goodbyes a conversation is over."""

_LONGEST = 400
"""Characters of a message that can still be a goodbye."""

_LONGEST_COURTESY = 160
"""Characters of a message that can still be nothing but thanks or a goodbye."""

_USER_WORDS, _AGENT_WORDS = 6, 14
"""Words beside thanks and goodbyes that a courtesy may have."""

_WORD = re.compile(r"\w+")


def _any_of(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(rf"(?:{pattern})" for pattern in patterns), re.IGNORECASE)


# Fixed patterns without nested repetition; the texts they meet are at most a few hundred characters.
_GOODBYE = _any_of(
    # English
    r"\bgood ?-?bye\b",
    r"\b(?:bye|farewell|take care|good night|so long)\b",
    r"\bsee you (?:later|soon|then|around|next time|tomorrow|on board)\b",
    r"\b(?:talk|speak) to you (?:later|soon)\b",
    r"\buntil next time\b",
    r"\b(?:have|enjoy) (?:a|an|the rest of|your) [\w' ]{0,40}?(?:day|night|evening|afternoon|morning|week|weekend"
    r"|one|time|trip|flight|journey|stay|vacation|holiday)\b",
    # German
    r"\bauf wieder(?:sehen|hören|schauen)\b",
    r"\btsch(?:üss|üß|üs|uess)\b",
    r"\bbis (?:bald|dann|später|morgen|demnächst|zum nächsten mal)\b",
    r"\b(?:schöne[nrs]?|guten|gute) (?:noch )?(?:tag noch|abend noch|resttag|wochenende|reise|flug|woche)\b",
    r"\beine?n? (?:schöne[nrs]?|guten?|angenehmen?) (?:tag|abend|nachmittag|restlichen tag|woche|reise|flug)\b",
    r"\b(?:alles gute|mach'?s gut|machen sie es gut|gute nacht)\b",
    # French
    r"\bau revoir\b",
    r"\bà (?:bientôt|plus tard|la prochaine|demain)\b",
    r"\b(?:bonne|excellente|belle) (?:journée|soirée|nuit|continuation|semaine|fin de)\b",
    r"\bbon(?:ne)? (?:voyage|vol|week-end|après-midi)\b",
    # Spanish
    r"\badi[óo]s\b",
    r"\bhasta (?:luego|pronto|la vista|mañana|la próxima)\b",
    r"\bque (?:tenga[ns]?|pase[ns]?|disfrute[ns]?) (?:de )?(?:un|una|su)\b",
    r"\bque le vaya (?:muy )?bien\b",
    r"\b(?:nos vemos|cuídese|cuídate|buen viaje)\b",
    # Italian
    r"\b(?:arrivederci|arrivederla|addio|buonanotte|buona notte)\b",
    r"\b(?:a presto|alla prossima|ci vediamo|ci sentiamo)\b",
    r"\b(?:buona|buon|splendida|ottima) (?:giornata|serata|viaggio|volo|fine settimana|weekend|proseguimento)\b",
    # Portuguese
    r"\b(?:adeus|tchau)\b",
    r"\baté (?:logo|mais|breve|amanhã|à próxima|a próxima)\b",
    r"\bten(?:ha|ham) (?:um|uma) (?:bom|boa|ótim[oa]|excelente|lind[oa])\b",
    r"\b(?:boa viagem|bom fim de semana|boa noite|passe bem)\b",
    # Dutch
    r"\btot (?:ziens|straks|later|snel|gauw|horens|morgen|de volgende keer)\b",
    r"\b(?:doei|goede reis|het beste)\b",
    r"\b(?:fijne|prettige|mooie|goede) (?:dag|avond|middag|nacht|week|weekend|reis|vlucht)\b",
)

_THANKS = _any_of(
    r"\bthank(?:s| you)\b",
    r"\byou'?re (?:very |most )?welcome\b",
    r"\bmy pleasure\b",
    r"\b(?:danke|vielen dank|gern geschehen|sehr gerne)\b",
    r"\b(?:merci|je vous en prie|de rien|avec plaisir)\b",
    r"\b(?:gracias|de nada|con gusto)\b",
    r"\b(?:grazie|prego|di niente|di nulla)\b",
    r"\b(?:obrigad[oa]|por nada|disponha)\b",
    r"\b(?:dank u|dank je|dankjewel|bedankt|graag gedaan)\b",
)

_WORK_AHEAD = _any_of(
    # English
    r"\b(?:will|shall|going to|gonna|about to)\b|\w'll\b|\blet me (?!know)",
    r"\b(?:moment|minute|second|wait|hold on|hang on|bear with|stand by|stay on|right away|shortly|in progress)\b",
    r"\b(?:i'm|i am|we're|we are) (?:\w+ )?\w+ing\b",
    r"\b(?:transfer(?:ring)?|connecting|processing|working on|checking|looking into)\b",
    # German
    r"\b(?:werde|werden|wird|moment|augenblick|gleich|sofort|umgehend|warten|weiterleiten|verbinde)\b",
    r"\b(?:ich|wir) (?!wünsch|hoff|dank|freu|bedank|steh|bin|hab|sind)\w+en?\b",
    # French
    r"\b(?:je vais|nous allons|instant|patient(?:ez|er)|ne quittez pas|tout de suite|en cours|maintenant)\b",
    r"\b(?:je|nous|vous) (?:\w+ )?\w+(?:rai|rons)\b|\bj'\w+(?:rai|e)\b",
    # Spanish
    r"\b(?:voy a|vamos a|momento|espere|enseguida|ahora mismo|en proceso)\b|\b\w+(?:ré|remos)\b",
    r"\best(?:oy|amos) \w+ndo\b",
    # Italian
    r"\b(?:attimo|attend[ai]|procedo|provvedo|subito|adesso)\b|\b\w+(?:erò|irò|remo)\b|\bst(?:o|iamo) \w+ndo\b",
    # Portuguese
    r"\b(?:vou|vamos|instante|aguarde|em andamento|agora mesmo)\b|\b\w+(?:arei|erei|irei)\b",
    # Dutch
    r"\b(?:ik ga|ik zal|we gaan|we zullen|ogenblik|momentje|geduld|wacht|meteen|bezig)\b",
)

_REQUEST = _any_of(
    r"\b(?:please|go ahead|could you|can you|would you|i(?:'d| would) like|i want|i need|i confirm|proceed|but)\b",
    r"\b(?:bitte|können sie|könnten sie|ich möchte|ich will|ich brauche|aber)\b",
    r"\b(?:s'il (?:vous|te) plaît|veuillez|pouvez|pourriez|je voudrais|je veux|mais)\b",
    r"\b(?:por favor|puede|podría|quiero|quisiera|necesito|pero)\b",
    r"\b(?:per favore|per piacere|può|potrebbe|voglio|vorrei|però)\b",
    r"\b(?:pode|poderia|quero|gostaria|preciso|mas)\b",
    r"\b(?:alstublieft|alsjeblieft|graag even|kunt u|kun je|ik wil|maar)\b",
)

_ANYTHING_ELSE = re.compile(
    r"[^.!?]*\b(?:anything else|something else|noch etwas|sonst noch|autre chose|algo más|altro|algo mais"
    r"|mais alguma coisa|nog iets|iets anders)\b[^.!?]*\?",
    re.IGNORECASE,
)

_QUESTION = re.compile(r"[?？؟]")


def both_said_goodbye(transcript: Transcript) -> bool:
    """Whether the user said goodbye, and the agent then did, asking nothing and announcing nothing."""
    spoken = _spoken_backwards(transcript)
    answer, before = next(spoken, None), next(spoken, None)
    while isinstance(before, AgentMessage) and before.calls:
        before = next(spoken, None)
    return (
        isinstance(answer, AgentMessage)
        and isinstance(before, UserMessage)
        and _is_goodbye(answer)
        and _is_goodbye(before)
        and not _WORK_AHEAD.search(_plain(answer))
        and not _REQUEST.search(_plain(before))
    )


def only_courtesies(transcript: Transcript, rounds: int = POLITE_ROUNDS) -> bool:
    """Whether the last rounds, each the user's message and the agent's answer, were thanks and goodbyes only."""
    spoken = _spoken_backwards(transcript)
    for _ in range(rounds):
        answer, before = next(spoken, None), next(spoken, None)
        if not isinstance(answer, AgentMessage) or not isinstance(before, UserMessage):
            return False
        said, answered = _plain(before), _plain(answer)
        if not _is_courtesy(said, _USER_WORDS) or _REQUEST.search(said):
            return False
        answered = _ANYTHING_ELSE.sub(" ", answered)
        if not _is_courtesy(answered, _AGENT_WORDS) or _WORK_AHEAD.search(answered):
            return False
    return True


def _spoken_backwards(transcript: Transcript) -> Iterator[Spoken]:
    messages = transcript.messages
    for index in range(len(messages) - 1, -1, -1):
        message = messages[index]
        if isinstance(message, UserMessage | AgentMessage):
            yield message


def _is_goodbye(message: Spoken) -> bool:
    text = _plain(message)
    return not _QUESTION.search(text) and bool(_GOODBYE.search(text))


def _is_courtesy(text: str, words: int) -> bool:
    """Whether a text is thanks or goodbye with few words around it: no question, no number."""
    if len(text) > _LONGEST_COURTESY or _QUESTION.search(text) or any(map(str.isdigit, text)):
        return False
    if not (_THANKS.search(text) or _GOODBYE.search(text)):
        return False
    return len(_WORD.findall(_THANKS.sub(" ", _GOODBYE.sub(" ", text)))) <= words


def _plain(message: Spoken) -> str:
    """The text with plain apostrophes; nothing where there are calls, or too much text for courtesy."""
    text = message.text or ""
    return "" if message.calls or len(text) > _LONGEST else text.replace("’", "'")
