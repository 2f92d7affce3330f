"use strict";
// Where a page of a site stands on the web is known only there: its address goes into the line that
// shows it inside another page.
(() => {
  if (!location.protocol.startsWith("http")) return;
  const here = new URL(".", location.href).href;
  for (const code of document.querySelectorAll("code[data-address]")) {
    code.textContent = code.textContent.replace(code.dataset.address, () => here);
  }
  for (const hint of document.querySelectorAll(".address-hint")) hint.hidden = true;
})();
