"""Who said what about whom: a pandas table of two texts, with holders, ids and dates. Needs joint-stance[table]."""

import stance

TEXTS = {
    "communique.txt": """Joint Communiqué of Peru and Chad

Lima, 4 May 2031

The two sides welcomed the ceasefire in Mali. They condemned the attack on the port of Callao.
Peru thanked the African Union for its mediation. We support the Paris Agreement.
""",
    "agency.txt": """Putin rejected criticism by Blinken. According to Ukraine, sanctions are working.
"We welcome the ceasefire in Mali," French President Emmanuel Macron said. He praised the African Union.
The blockade was condemned by Iran. Most members deplored the attack, but Cuba dissociated itself from the resolution.
""",
}

frame = stance.to_frame({name: stance.analyze(text) for name, text in TEXTS.items()})
verdicts = frame[frame["stance"] != "neutral"]
print(verdicts[["file", "holder", "holder_id", "stance", "strength", "target", "id"]].to_string(index=False, na_rep=""))

print("\nHow often each holder condemns and supports:")
print(verdicts.pivot_table(index="holder_id", columns="stance", values="target", aggfunc="count", observed=True))
