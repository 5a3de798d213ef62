"""Measure what the knowledge bought: the same training with it, without it and with shuffled knowledge.

    python examples/compare_knowledge.py             (needs kgslm[models])

The messages were written for this example and half of them use words of the glossary, so the gain is a demonstration,
not a result. The same call on your own configuration gives yours.
"""

from pathlib import Path

from kgslm import build_pack, compare

HERE = Path(__file__).parent
PACK, REPORT = Path("build/bank"), Path("build/bank-report")


def main() -> None:
    build_pack(sources=[f"glossary={HERE / 'data' / 'bank_glossary.csv'}"], output=PACK)
    # The same key=value texts as --set on the command line.
    overrides = (f"pack={PACK.resolve()}", "compare.shots=[4]")
    summary = compare(HERE / "bank.yaml", REPORT, overrides=overrides)
    for row in summary["summary"]:
        print(f"{row['cell']:9} macro-F1 {row['macro_f1']['mean']:.3f}", end="")
        # Differences to the control are paired: the same test texts and seeds on both sides.
        if gain := row["vs_none"]:
            print(f"  against none {gain['mean']:+.3f} ({gain['low']:+.3f} to {gain['high']:+.3f})", end="")
        print()
    print(f"report: {REPORT / 'report.html'}")


if __name__ == "__main__":
    main()
