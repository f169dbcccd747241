// @ts-check
// Nederlands: één opdracht voor meerdere workflows.

/** @type {Record<keyof typeof import("../en/bulk.js").default, string>} */
export default {
  "bulk.title": "Stuur naar meerdere workflows",
  "bulk.about":
    "Eén aanroep van sendAll() stuurt de opdracht naar elke gekozen workflow. Als er een mislukt, gaan de andere door.",
  "bulk.concurrency": "Tegelijk",
  "bulk.send.one": "Stuur {command} naar {count} workflow",
  "bulk.send.other": "Stuur {command} naar {count} workflows",
  "bulk.none": "Kies minstens één workflow.",
  "bulk.none-allowed": "Geen workflow staat deze opdracht nu toe.",
  "bulk.progress": "{done} van {count}",
  "bulk.progress.label": "Voortgang",
  "bulk.results": "Resultaten",
  "bulk.outcome": "Uitkomst",
  "bulk.code": "Foutcode",
  "bulk.state": "Huidige status",
  "bulk.waiting": "wacht",
  "bulk.unsent": "niet verstuurd",
  "bulk.done": "Klaar: {accepted} geaccepteerd, {notExecuted} niet uitgevoerd, {unknown} onbekend.",
  "bulk.cancelled":
    "Geannuleerd: {accepted} geaccepteerd, {notExecuted} niet uitgevoerd, {unknown} onbekend, {unsent} niet verstuurd.",
  "bulk.failed": "Het versturen is gestopt door een fout. Zie de console van de browser voor details.",
};
