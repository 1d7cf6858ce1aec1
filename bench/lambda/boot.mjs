import { registerHooks } from "node:module";

// The runtime client's only native part is its HTTP client, which would have to be compiled at installation. All
// else of it, from finding the handler to the shape of an error, is AWS's own code.
registerHooks({
  resolve(specifier, context, nextResolve) {
    if (specifier !== "./rapid-client.node") return nextResolve(specifier, context);
    return {
      url: new URL("./rapid-client.cjs", import.meta.url).href,
      format: "commonjs",
      shortCircuit: true,
    };
  },
});
