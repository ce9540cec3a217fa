// The reader's theme before the first paint. A classic script in the head: a module would come too late.
(() => {
  try {
    const choice = localStorage.getItem("steerco-theme");
    if (choice) document.documentElement.dataset.theme = choice;
  } catch {
    // Storage may be forbidden; the system's theme is a good one.
  }
})();
