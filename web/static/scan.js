// The camera: reads by the phone's own decoder where it has one, else sends small frames to ours.
"use strict";
(() => {
  const part = document.getElementById("camera");
  const video = part.querySelector("video");
  const told = part.querySelector("[role=status]");
  const begin = part.querySelector("button");
  const typed = document.getElementById("f-code");
  if (!navigator.mediaDevices || !typed) return;  // plain http: typing and photos are there
  part.hidden = false;
  const say = (name) => { told.textContent = part.dataset[name]; };
  const found = (text) => {
    stop();
    navigator.vibrate?.(80);
    typed.value = text;
    typed.form.requestSubmit();
  };
  let stream = null;
  const stop = () => { stream?.getTracks().forEach((one) => one.stop()); stream = null; };
  const decoder = async () => {
    const kinds = await globalThis.BarcodeDetector?.getSupportedFormats?.() ?? [];
    if (!kinds.includes("qr_code")) return sent;
    const own = new BarcodeDetector({ formats: ["qr_code"] });
    return async () => (await own.detect(video))[0]?.rawValue;
  };
  const canvas = document.createElement("canvas");
  const sent = async () => {
    const scale = Math.min(1, 800 / Math.max(video.videoWidth, video.videoHeight));
    canvas.width = video.videoWidth * scale;
    canvas.height = video.videoHeight * scale;
    canvas.getContext("2d").drawImage(video, 0, 0, canvas.width, canvas.height);
    const frame = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.7));
    const form = new FormData();
    form.set("csrf", typed.form.elements.csrf.value);
    form.set("photo", frame, "frame.jpg");
    const answer = await fetch(part.dataset.frames, { method: "POST", body: form });
    return answer.status === 200 ? answer.text() : "";
  };
  const look = async () => {
    const read = await decoder();
    for (let tries = 0; stream && tries < 240; tries += read === sent ? 4 : 1) {
      const text = await read().catch(() => "");
      if (text) return found(text);
      await new Promise((done) => setTimeout(done, read === sent ? 500 : 200));
    }
    if (stream) { stop(); video.hidden = true; begin.hidden = false; say("tired"); }
  };
  begin.addEventListener("click", async () => {
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
      video.srcObject = stream;
      video.hidden = false;
      begin.hidden = true;
      await video.play();
      say("looking");
      look();
    } catch { stop(); video.hidden = true; begin.hidden = false; say("none"); }
  });
  addEventListener("pagehide", stop);
})();
