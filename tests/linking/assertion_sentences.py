"""Sentences written for the tests. Each mention is in braces, with the flags that it should get behind it.

``{fever}``: no flag; ``{fever}n``: negated; ``h``: hypothetical; ``p``: past, that is historical; ``o``: other person.
"""

from __future__ import annotations

import re

from kgslm.records import Link, LinkedText

LETTERS = {"n": "negated", "h": "hypothetical", "p": "historical", "o": "other_person"}
_MENTION = re.compile(r"\{([^}]*)\}([nhpo]*)")


def read(sentence: str) -> tuple[LinkedText, list[set[str]]]:
    """The text with its mentions as links without flags, and the flags that each should have."""
    text = ""
    at = 0
    links, flags = [], []
    for match in _MENTION.finditer(sentence):
        text += sentence[at : match.start()]
        links.append(Link(len(text), len(text) + len(match[1]), match[1], "C:1"))
        flags.append({LETTERS[letter] for letter in match[2]})
        text += match[1]
        at = match.end()
    return LinkedText(text + sentence[at:], tuple(links)), flags


def flags_of(linked: LinkedText) -> list[set[str]]:
    """The flags that are set, link by link."""
    return [{flag for flag in LETTERS.values() if getattr(link, flag)} for link in linked.links]


MEDICAL = """
No {fever}n, {chills}n or {cough}n.
He denies {chest pain}n but has {dyspnea}.
Patient denies {chest pain}n, {palpitations}n and {dizziness}n.
{Pneumonia}n was ruled out.
{Myocardial infarction}n has been ruled out by serial enzymes.
Chest film negative for {effusion}n or {consolidation}n.
{Edema}n is absent.
{Clubbing}n and {cyanosis}n are absent.
A child without {seizures}n presented with {hypotonia}.
There is no evidence of {metastasis}n.
There was no sign of {infection}n, but {pain} was controlled.
She has never had {asthma}np.
Neither {vomiting}n nor {diarrhea}n occurred.
Abdomen soft, no {hepatomegaly}n; {splenomegaly} noted.
No {headache}n, however {photophobia} persists.
She has no {rash}n although {itching} is present.
{Nausea}n is denied.
HIV {infection}n was not detected.
The lungs are clear of {crackles}n.
{Fever} without {rigors}n.
No {change} in {ataxia}.
No increase in {seizures} was noted.
There was no significant change in the {pleural effusion}.
Not only {cough} but also {hemoptysis}.
Gram negative {sepsis} was treated.
Family history of {breast cancer}o.
Family history: {diabetes}o, {hypertension}o.
His mother had {asthma}o.
Her father died of {stroke}o.
No family history of {colon cancer}no.
{Epilepsy}o runs in the family.
There was {hypertension}o in his father.
The mother reports {fever} for two days.
Mother denies {vomiting}n.
History of {asthma}p and {eczema}p.
Past medical history: {hypertension}p, {gout}p.
Previous {stroke}p in 2004.
Status post {appendectomy}p.
s/p {hip fracture}p, now with {leg pain}.
History of {migraine}p, presents with {vomiting}.
She had {measles}p as a child.
{Varicella}p in the past.
He had {pneumonia}p two years ago.
For the past three days he has had {diarrhea}.
Return if {fever}h or {vomiting}h develops.
If {bleeding}h occurs, stop the drug.
Should {seizures}h recur, call the clinic.
Rule out {pulmonary embolism}h.
CT to rule out {appendicitis}h.
Possible {pneumonia}h.
Suspected {sepsis}h.
{Malignancy}h cannot be ruled out.
{Tuberculosis}h is suspected.
Monitor for {hypoglycemia}h.
Concern for {meningitis}h.
He is at risk for {falls}h.
Call if {redness}h or {swelling}h appears; {pain} is usual.
45 year old {asthmatic} man.
Patient has {diabetes}. No {neuropathy}n. Has {retinopathy}.
No {fever}n
{Cough} for one week
- denies {dyspnea}n
- {wheezing} on exam
{Hearing loss} (absent in his brother) was found.
Seizures (no {fever}n) and {ataxia}.
She is not {diabetic}n.
He does not have {angina}n, {claudication}n or {syncope}n.
She doesn't have {fever}n.
She doesn’t have {fever}n.
The patient did not develop {jaundice}n.
The CT did not show {hemorrhage}n or {fracture}n.
{Absence of eyebrows} and {hypertelorism}.
None of the patients had {nystagmus}n.
No patient had {scoliosis}n or {kyphosis}n.
{Scoliosis}n was not observed in any patient.
Two brothers with {Joubert syndrome}.
Evaluation for {anemia}h.
{Pertussis}h is possible.
Prior to {surgery} he was well.
No longer has {tremor}n.
"""

LEGAL = """
The Supplier shall not be liable for {indirect damages}n or {loss of profit}n.
The Licensee is not subject to {arbitration}n.
The contract does not have a {termination clause}n.
The Seller shall not be responsible for any {delay}n.
If a {breach}h occurs, the other party may seek {damages}h.
In the event of {default}h, the {loan}h becomes due.
Including but not limited to {fraud}.
The court denied the motion for {summary judgment}.
The agreement is free of {encumbrances}n.
Nothing in this Agreement shall create a {partnership}n.
Without prejudice to its {remedies}, the Buyer may withhold {payment}.
The former {tenant}p moved out.
Alleged {fraud}h was reported.
The Tenant is exempt from {stamp duty}n.
This {warranty}n does not apply.
Neither party shall have {liability}n.
"""

FINANCIAL = """
The company does not have {debt}n.
The fund has no {front-end load}n.
{Dividends}n were not paid.
There was no increase in {revenue}.
The firm posted a {profit} without {impairment charges}n.
The bank could face {loan losses}h.
Analysts expect a {recession}h.
Previous {losses}p were larger.
{Cash flow} was negative.
{Net income} rose but {margins} fell.
The {merger}h is expected to close in May.
If {inflation}h rises, {rates}h will follow.
"""

GERMAN = """
Kein {Fieber}n, keine {Schmerzen}n.
Der Patient hat keine {Übelkeit}n, {Erbrechen}n oder {Durchfall}n.
Ohne {Krämpfe}n, aber mit {Hypotonie}.
Der Patient verneint {Brustschmerzen}n.
{Husten}n wird verneint.
Eine {Pneumonie}n wurde ausgeschlossen.
{Metastasen}n waren nicht nachweisbar.
Kein Anhalt für eine {Fraktur}n.
Weder {Ikterus}n noch {Zyanose}n.
{Reflexe}n fehlen beidseits.
Nicht nur {Fieber}, sondern auch {Husten}.
Keine Zunahme der {Ödeme}.
Eine {Lungenembolie}h ist nicht ausgeschlossen.
Verdacht auf {Meningitis}h.
V.a. {Sepsis}h.
Möglicherweise {Migräne}h.
Falls {Blutungen}h auftreten, bitte melden.
Sollte {Fieber}h auftreten, Wiedervorstellung.
Zustand nach {Apoplex}p.
Z.n. {Appendektomie}p, aktuell {Bauchschmerzen}.
Frühere {Thrombose}p links.
Als Kind {Masern}p.
Die Mutter hatte {Asthma}o.
Familienanamnese: {Diabetes}o, {Hypertonie}o.
{Epilepsie}o ist in der Familie bekannt.
Die Mutter berichtet über {Fieber} seit gestern.
Der Verkäufer haftet nicht für {Sachmängel}n.
Patient mit {Asthma}. Keine {Dyspnoe}n.
"""

SPANISH = """
No presenta {fiebre}n, {tos}n ni {disnea}n.
Paciente sin {náuseas}n ni {vómitos}n.
Niega {dolor torácico}n pero refiere {palpitaciones}.
Se descarta {neumonía}n.
La {fractura}n fue descartada.
Ausencia de {edemas}n.
Ningún paciente presentó {convulsiones}n.
No hay {ictericia}n.
No solo {cefalea} sino también {fotofobia}.
Sin cambios en la {lesión}.
Bacilo gram negativo con {sepsis}.
Posible {meningitis}h.
Sospecha de {apendicitis}h.
No se puede descartar {embolia}h.
Acudir si {fiebre}h o {sangrado}h.
En caso de {incumplimiento}h, se aplicará la {penalización}h.
Antecedentes de {asma}p y {rinitis}p.
Antecedentes de {hipertensión}p, acude por {cefalea}.
{Infarto}p previo.
Hace años tuvo {varicela}p.
Su madre tenía {diabetes}o.
Antecedentes familiares de {cáncer}o.
Sin antecedentes familiares de {epilepsia}no.
Sin antecedentes de {alergias}np.
La madre refiere {fiebre} desde ayer.
El vendedor no será responsable de {daños}n.
Paciente con {asma}. Sin {disnea}n.
"""

CHINESE = """
患者无{发热}n、{咳嗽}n，有{胸痛}。
否认{高血压}n、{糖尿病}n。
未见{骨折}n。
没有{恶心}n，{头痛}明显。
{抗体}n阴性。
无明显诱因出现{腹痛}。
不仅{头痛}，还有{呕吐}。
疑似{肺炎}h。
不能排除{肿瘤}h。
如出现{发热}h，请就诊。
{肺栓塞}h待排。
既往有{哮喘}p。
{高血压}p病史10年。
{阑尾炎}p术后。
父亲患{糖尿病}o。
家族史：{高血压}o。
否认{糖尿病}no家族史。
母亲诉{发热}两天。
卖方不承担{违约责任}n。
患者有{哮喘}。无{皮疹}n。
"""

UNSEEN = """
She reports no {chest tightness}n, {wheezing}n, or {night sweats}n since discharge.
On examination there was neither {nuchal rigidity}n nor a positive {Kernig sign}n.
ECG showed no {ST elevation}n; troponin was mildly raised, raising concern for {myocarditis}h.
The patient has a long-standing history of {rheumatoid arthritis}p and was treated with methotrexate.
He is a 62-year-old man with known {COPD}, admitted for {exacerbation}.
{Deep vein thrombosis}n was excluded by duplex ultrasound.
Please rule out {cholecystitis}h.
Abdominal ultrasound was unremarkable, without {gallstones}n or {ductal dilatation}n.
Her sister was diagnosed with {ovarian cancer}o at age 40.
Paternal uncle had {hemophilia}o; the patient herself has had no {bleeding}n.
If you notice any {rash}h or {facial swelling}h, discontinue the antibiotic and call us.
Blood cultures remained negative, and {endocarditis}n was felt to be unlikely.
He no longer experiences {angina}n at rest.
{Tinnitus}n: denied. {Vertigo}: present for two weeks.
The infant had {jaundice} but no {hepatosplenomegaly}n.
No recurrence of the {tumor}n was seen on MRI.
Skin biopsy did not reveal {vasculitis}n.
Past surgical history includes {cholecystectomy}p and {hernia repair}p.
She had {rheumatic fever}p as a child and now has {mitral stenosis}.
There is a possible {fracture}h of the distal radius.
Findings may represent {pneumonia}h or {atelectasis}h.
{Lymphadenopathy}n is not appreciated.
The mother noticed {tremor} when he was three.
Maternal grandmother with {Alzheimer disease}o, father healthy.
Patient is afebrile and complains of {back pain}.
She is being evaluated for {celiac disease}h.
Without evidence of {pneumothorax}n; small {effusion} persists.
Previously treated for {tuberculosis}p in 1998.
No known {drug allergies}n.
The differential diagnosis includes {sarcoidosis}h and {lymphoma}h.
Neurological examination showed {ataxia}, but {nystagmus}n was absent.
He has never had a {seizure}np.
{Cystic fibrosis}n was ruled out by a normal sweat test.
MRI failed to demonstrate {demyelination}n.
Family history is notable for {sudden cardiac death}o in a cousin.
Family history negative for {diabetes}no.
Return to the emergency department if {shortness of breath}h worsens.
The patient had {pancreatitis}p three years ago.
Her {cough} is not accompanied by {hemoptysis}n.
He does not smoke and has {emphysema}.
{Hypertension}, {hyperlipidemia}, no {diabetes}n.
The {fever} has not resolved.
There were no signs or symptoms of {heart failure}n.
The {headache} is unlikely to be due to {meningitis}h.
{Intellectual disability} was mild in all patients, while {seizures}n were never observed.
All affected individuals had {brachydactyly}; none had {syndactyly}n.
{Hearing loss}o was present in his mother and maternal aunt.
Cannot exclude {malignancy}h on this study.
Prophylactic heparin was given to prevent {thromboembolism}h.
Status post {kidney transplant}p with stable creatinine, presents with {dysuria}.
She lacks {insight} into her {depression}.
The wound is clean without {erythema}n, {warmth}n, {drainage}n or {dehiscence}n.
Suspicion for {child abuse}h was low.
Urinalysis negative for {blood}n and {protein}n, positive for {nitrites}.
Remote {myocardial infarction}p, currently asymptomatic.
{Depression} in remission, no {suicidal ideation}n.
A brother died of {leukemia}o at the age of six.
Parents are healthy and nonconsanguineous, and there is no family history of {congenital heart disease}no.
Gram negative rods grew, consistent with {urosepsis}.
Not only did she have {alopecia}, she also had {nail dystrophy}.
No improvement in {spasticity} with baclofen.
The patient can walk unaided and no {contractures}n have developed.
Watch for {bleeding}h and {infection}h at the site.
Patient denies any {alcohol abuse}n; wife reports {heavy drinking}.
{Stroke}h is considered less likely than {migraine}h.
Prior {CABG}p, {hypothyroidism}, and newly found {anemia}.
Should {neutropenia}h develop, hold chemotherapy.
{Ptosis} without {diplopia}n, {dysphagia}n and {dysarthria}n; {ophthalmoplegia} is complete.
History of present illness: {fever} and {cough} for three days.
{Asthma}p in childhood, no attacks of {wheezing}n since.
The patient denied {orthopnea}n, {ankle swelling}n and {nocturia}n but admitted to {palpitations}.
No focal {weakness}n; {reflexes} symmetric.
CT of the head showed no acute {hemorrhage}n, {mass}n or {midline shift}n.
He presented with {confusion} and {fever} without {neck stiffness}n.
{Thyroid nodule} is stable with no {calcification}n.
She has no {history} that would explain her {weight loss}n.
Her past history is significant for {hypothyroidism}p and {osteoporosis}p.
Father and paternal grandfather had {colon cancer}o.
Neither parent has {epilepsy}no.
The sibling is affected by {asthma}o.
Two siblings presented with {microcephaly} and {seizures}.
No evidence for {malignancy}n was found at autopsy.
The child never developed {speech}n.
{Cataract}n was not detected in either eye.
{Pleural effusion} has increased, no new {consolidation}n.
If symptoms of {hypoglycemia}h occur, take glucose.
She was advised to return in case of {bleeding}h.
Probable {viral gastroenteritis}h.
Likely {urinary tract infection}h; start antibiotics.
The clinical picture raised suspicion of {lupus}h.
We considered {Wilson disease}h, which was excluded by genetic testing.
He may have {sleep apnea}h.
Rule out {DVT}h.
Screening for {depression}h was performed.
Patient was at high risk of {aspiration}h.
He had a {stroke}p in the past and is now admitted with {aphasia}.
Resolved {otitis media}p.
She was previously diagnosed with {Crohn disease}p.
{Chickenpox}p at age five, otherwise healthy.
History of {smoking}p; no current {cough}n.
H/o {CAD}p s/p {stent placement}p.
{Dysmorphic features} were present, including {low-set ears} and absent {earlobes}n.
The {EEG abnormality}n had disappeared by the age of three.
Extremities: no {clubbing}n, {cyanosis}n, or {edema}n.
ROS negative for {dysuria}n, {hematuria}n.
{Rash}: none.
{Allergies}n: none known.
There is no doubt that he has {scurvy}.
She could not tolerate {metformin} because of {diarrhea}.
The rash was not associated with {pruritus}n.
Negative {Babinski sign}n bilaterally.
In contrast to the mother, who had {cleft palate}o, the proband has {hearing loss}.
{Obesity} runs in the family.
All members of the family denied {deafness}n.
His wife has {influenza}o; he reports {myalgia}.
He is not known to have {diabetes}n or {hypertension}n.
It is unclear whether she has {dementia}h.
{Meningitis}n could be excluded by lumbar puncture.
Judging for {hepatitis B}n and {HIV}n were negative.
She has had three {miscarriages}p in the past.
{Nystagmus} and {ataxia} without {cognitive decline}n in a patient with no {family history} of {ataxia}no.
No {nausea}n / {vomiting}n / {diarrhea}n.
Denies: {chest pain}n, {syncope}n. Reports: {fatigue}.
+ {headache}, - {photophobia}n
"""
"""Written when the rules for English were done; what they got wrong was looked at only after that was counted."""
