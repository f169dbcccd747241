// Counts the instances of WebAssembly modules that are made from now on. Import it before what makes them.

let made = 0;

WebAssembly.Instance = class extends WebAssembly.Instance {
  constructor(module, imports) {
    super(module, imports);
    made += 1;
  }
};

export const instances = () => made;
