"""Ask a glossary and documents, and get quotes with their places, or an honest "not found".

    python examples/ask_with_citations.py            (needs kgslm[models])

No text is generated. An answer is a sentence of a source, quoted to the letter, and the citation says where it stands.
"""

from pathlib import Path

from kgslm import Answerer, build_pack, index_files

DATA = Path(__file__).parent / "data"
PACK, INDEX = Path("build/bank"), Path("build/bank-index")

QUESTIONS = (
    "What is a chargeback?",
    "What is the cut-off time for transfers abroad?",
    "Who won the football world cup in 1998?",
)


def main() -> None:
    build_pack(sources=[f"glossary={DATA / 'bank_glossary.csv'}"], output=PACK)
    report = index_files(INDEX, pack=PACK, docs=[DATA / "bank_documents.jsonl"])
    print(f"{report.passages} passages of {report.concepts} concepts and {report.documents} documents")

    answerer = Answerer.open(INDEX)
    for question in QUESTIONS:
        answer = answerer.ask(question)
        print(question)
        if not answer.found:
            print("  not found in the sources")
        for citation in answer.citations:
            passage = citation.passage
            assert passage.text[citation.start : citation.end] == citation.quote
            print(f"  {citation.quote}\n    [{passage.id}, {citation.start}-{citation.end}, from {passage.source}]")


if __name__ == "__main__":
    main()
