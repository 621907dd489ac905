// Sends the file as it is: encoding and separator are the server's to recognise.
const shownProblems = 20; // a circuit message holds 32 KB
const pollMilliseconds = 500;

export function attach(drop, input, page) {
  let file = null;
  let request = null;
  let left = false;

  const tell = (method, ...values) => left ? null : page.invokeMethodAsync(method, ...values);
  const choose = chosen => {
    if (!chosen) return;
    file = chosen;
    tell("Chosen", file.name, file.size);
  };
  input.addEventListener("change", () => choose(input.files[0]));
  for (const name of ["dragenter", "dragover"])
    drop.addEventListener(name, event => { event.preventDefault(); drop.classList.add("over"); });
  for (const name of ["dragleave", "drop"])
    drop.addEventListener(name, event => { event.preventDefault(); drop.classList.remove("over"); });
  drop.addEventListener("drop", event => choose(event.dataTransfer.files[0]));

  const words = text => {
    try {
      const problem = JSON.parse(text);
      return problem.detail ?? problem.title ?? null;
    } catch {
      return null;
    }
  };

  const follow = async address => {
    for (;;) {
      let answer;
      try {
        answer = await fetch(address, { credentials: "same-origin", cache: "no-store" });
      } catch {
        return tell("Failed", 0, null);
      }
      if (!answer.ok) return tell("Failed", answer.status, words(await answer.text()));
      const report = await answer.json();
      report.problems = (report.problems ?? []).slice(0, shownProblems);
      await tell("Read", JSON.stringify(report));
      if (report.state !== "reading" || left) return;
      await new Promise(resolve => setTimeout(resolve, pollMilliseconds));
    }
  };

  return {
    send(lists, mode) {
      const form = new FormData();
      form.append("file", file, file.name);
      request = new XMLHttpRequest();
      let told = -1;
      request.upload.onprogress = event => {
        const percent = event.lengthComputable ? Math.floor(100 * event.loaded / event.total) : 0;
        if (percent >= told + 5 || percent === 100) tell("Progress", told = percent);
      };
      request.onerror = () => tell("Failed", 0, null);
      request.onabort = () => tell("Failed", -1, null);
      request.onload = () => request.status === 202
        ? follow(`${lists}/${JSON.parse(request.responseText).id}`)
        : tell("Failed", request.status, words(request.responseText));
      request.open("POST", `${lists}?mode=${mode}`);
      request.send(form);
    },
    cancel() {
      request?.abort();
    },
    leave() {
      left = true;
    },
  };
}
