import re

import pytest
from marked import mentions_of as marked_mentions

from stance.document import Stance
from stance.records import parse_marked
from stance.rules import RULES, verdict, votes

RULE = {rule.__name__: rule for rule in RULES}
EXAMPLE = re.compile(r'"([^"]*\[[-+=][^"]*\])([^"]*)"')

# rule, marked sentence, target: the rule votes what the mark says
RIGHT = [
    ("place_only", "We welcome the ceasefire in [=Gaza].", "Gaza"),
    ("standard_to_follow", "Elections must proceed in line with the [+UN Charter].", "UN Charter"),
    ("called_upon", "We call on [-Iran] to stop the attacks.", "Iran"),
    ("partner", "We will cooperate closely with [+Japan].", "Japan"),
    ("doer_of_judged_act", "We condemn [-[-Iran]'s attack].", "Iran"),
    ("sufferer_of_condemned_act", "We condemn the [-war against [=Ukraine]].", "Ukraine"),
    ("held_by_reverser", "They want to undermine the [+UN Charter].", "UN Charter"),
    ("object_of_predicate", "We welcome the [+truce].", "truce"),
    ("judged_subject", "[-Such attacks] are unacceptable.", "Such attacks"),
    ("beside_judged", "We commend the [+mediators] and the [+observers].", "observers"),
    ("within_judged", "We condemn the [-use of [-cluster munitions]].", "cluster munitions"),
    ("governed_at_distance", "We condemn in the strongest terms the [-attack].", "attack"),
    ("named_harm_or_good", "[+Food security] and jobs for all.", "Food security"),
]
# the rule says nothing of the target
ABSTAINING = [
    ("place_only", "We support [+Kenya].", "Kenya"),
    ("standard_to_follow", "We are satisfied with the [+talks].", "talks"),
    ("called_upon", "We met [=Iran] in the spring.", "Iran"),
    ("partner", "We condemn [-Iran].", "Iran"),
    ("doer_of_judged_act", "We condemn the [-war against [=Ukraine]].", "Ukraine"),
    ("sufferer_of_condemned_act", "We welcome the [+visit to [=Ukraine]].", "Ukraine"),
    ("held_by_reverser", "We welcome the [+truce].", "truce"),
    ("object_of_predicate", "[-Such attacks] are unacceptable.", "Such attacks"),
    ("judged_subject", "[=Delegates] arrived on Monday.", "Delegates"),
    ("beside_judged", "We welcome the [+truce].", "truce"),
    ("within_judged", "We welcome the [+truce].", "truce"),
    ("governed_at_distance", "[=Delegates] arrived on Monday.", "Delegates"),
    ("named_harm_or_good", "We condemn [-Iran].", "Iran"),
]
# the rule votes, but an earlier one is the verdict, or the vote is wrong and the label differs
OVERRULED = [
    ("place_only", "We place our trust in [+Kenya].", "Kenya"),
    ("standard_to_follow", "We reject a peace in line with the [-ultimatum].", "ultimatum"),
    ("called_upon", "We urge [-Russia] to withdraw its troops.", "Russia"),
    ("partner", "It is wrong that they cooperate with [-Hamas].", "Hamas"),
    ("doer_of_judged_act", "We deplore conditions in [-[=Myanmar]'s prisons].", "Myanmar"),
    ("sufferer_of_condemned_act", "We condemn the [-massacre in [=Sudan]].", "Sudan"),
    ("held_by_reverser", "We reject [-interference in [=Venezuela]].", "Venezuela"),
    ("object_of_predicate", "We call on [-Iran] to stop the attacks.", "Iran"),
    ("judged_subject", "We welcome [+steps] that are unacceptable to others.", "steps"),
    ("beside_judged", "We combat [-piracy] and [-illegal fishing].", "illegal fishing"),
    ("within_judged", "We condemn [-[-Iran]'s attack].", "Iran"),
    ("governed_at_distance", "We welcome the [+truce].", "truce"),
    ("named_harm_or_good", "We discussed [=terrorism].", "terrorism"),
]


def mentions_of(marked):
    """The labelled targets of a marked sentence with their mentions, by their words."""
    text, targets = parse_marked(marked)
    within = marked_mentions(marked)
    return {text[t.start : t.end]: (t.stance, mention) for t, mention in zip(targets, within, strict=True)}


@pytest.mark.parametrize("cases", [RIGHT, ABSTAINING, OVERRULED], ids=["right", "abstaining", "overruled"])
def test_every_rule_has_its_three_sentences(cases):
    assert [rule for rule, _, _ in cases] == list(RULE)


@pytest.mark.parametrize(("rule", "marked", "target"), RIGHT)
def test_rule_votes_rightly(rule, marked, target):
    label, mention = mentions_of(marked)[target]
    assert RULE[rule](mention) is label


@pytest.mark.parametrize(("rule", "marked", "target"), ABSTAINING)
def test_rule_abstains(rule, marked, target):
    _, mention = mentions_of(marked)[target]
    assert RULE[rule](mention) is None


@pytest.mark.parametrize(("rule", "marked", "target"), OVERRULED)
def test_rule_votes_but_is_overruled_or_wrong(rule, marked, target):
    label, mention = mentions_of(marked)[target]
    cast = votes(mention)
    assert rule in cast
    assert next(iter(cast)) != rule or cast[rule] is not label


@pytest.mark.parametrize("rule", RULES, ids=list(RULE))
def test_docstring_names_the_clause_and_its_marked_examples_hold(rule):
    assert re.match(r"Clauses? \d+|Settled conventions", rule.__doc__)
    examples_ = ["".join(parts) for parts in EXAMPLE.findall(rule.__doc__)]
    assert examples_
    for marked in examples_:
        cast = [(label, rule(mention)) for label, mention in mentions_of(marked).values()]
        assert any(vote is label for label, vote in cast), marked
        assert all(vote in (None, label) for label, vote in cast), marked


@pytest.mark.parametrize("clause", [clause for clause in range(1, 14) if clause != 11])
def test_every_clause_of_the_guide_has_a_rule(clause):
    def clauses(rule):
        names = re.match(r"Clauses?([^(:\"]*)", rule.__doc__)
        spans = re.findall(r"(\d+)(?: to (\d+))?", names[1]) if names else []
        return {number for low, high in spans for number in range(int(low), int(high or low) + 1)}

    assert any(clause in clauses(rule) for rule in RULES)


def test_votes_stand_in_the_order_of_the_rules_and_the_first_is_the_verdict():
    _, mention = mentions_of("We condemn [-[-Iran]'s attack].")["Iran"]
    cast = votes(mention)
    assert list(cast) == [name for name in RULE if name in cast]
    assert verdict(mention) is next(iter(cast.values()))


def test_target_that_nothing_governs_has_no_vote_and_no_verdict():
    _, mention = mentions_of("[=Delegates] arrived on Monday.")["Delegates"]
    assert (votes(mention), verdict(mention)) == ({}, None)


@pytest.mark.parametrize(
    ("marked", "target"),
    [
        ("We support the [+plan].", "plan"),
        ("We do not support the [-plan].", "plan"),
        ("This did not end the [+war].", "war"),
        ("We will never recognise the [-annexation].", "annexation"),
        ("We did not condemn the [=plan].", "plan"),
        ("We reject [-attempts to undermine the [+UN Charter]].", "UN Charter"),
        ("We condemn the [-breach of [+international law]].", "international law"),
        ("We call for an end to the [-war].", "war"),
        ("We note the [=report].", "report"),
        ("We note with concern the [-report].", "report"),
        ("We note with satisfaction the [+report].", "report"),
        ("The [-plan] was condemned.", "plan"),
        ("We urge [=all parties] to resume the talks.", "all parties"),
    ],
)
def test_verdict_is_that_of_the_guide(marked, target):
    label, mention = mentions_of(marked)[target]
    assert verdict(mention) is label


@pytest.mark.parametrize("state", ["Iran", "China", "the United States", "Kenya", "South Korea"])
@pytest.mark.parametrize(
    "form", ["We condemn {}'s attack.", "We urge {} to stop the attacks.", "We cooperate with {}."]
)
def test_votes_do_not_depend_on_which_state_it_is(form, state):
    def votes_on(name):
        bare = name.removeprefix("the ")
        marked = form.format(name).replace(bare, f"[={bare}]")
        return votes(mentions_of(marked)[bare][1])

    assert votes_on(state) == votes_on("Peru")
    assert all(isinstance(vote, Stance) for vote in votes_on(state).values())
