// Keeps the rotating code fresh: fetches the next picture when this one ends. The only script here.
"use strict";
(() => {
  const stage = document.getElementById("code");
  const bar = document.getElementById("left");
  const number = document.getElementById("seconds");
  let until = 0;
  const start = () => { until = performance.now() + 1000 * Number(stage.dataset.seconds); };
  const renew = async () => {
    until = Infinity;
    try {
      const answer = await fetch(stage.dataset.source, { cache: "no-store", redirect: "error" });
      if (!answer.ok) throw new Error(String(answer.status));
      const found = new DOMParser().parseFromString(await answer.text(), "text/html");
      const next = found.getElementById("code");
      stage.replaceChildren(...next.childNodes);
      stage.dataset.seconds = next.dataset.seconds;
      start();
    } catch {
      stage.replaceChildren();  // never a stale code
      setTimeout(() => location.reload(), 3000);
    }
  };
  start();
  setInterval(() => {
    const left = Math.max(0, Math.ceil((until - performance.now()) / 1000));
    if (Number.isFinite(left)) { bar.value = left; number.textContent = left; }
    if (performance.now() >= until) renew();
  }, 250);
})();
