import { app } from "../../scripts/app.js";
import { api } from "../../scripts/api.js";

app.registerExtension({
    name: "server_talk.histogram",
    setup() {
        api.addEventListener("server_talk.histogram", ({ detail }) => console.log(detail.counts));
    },
});
