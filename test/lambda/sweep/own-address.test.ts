import { EventEmitter } from "node:events";
import { get } from "node:https";
import { Readable } from "node:stream";
import { findOwnAddress } from "../../../lambda/sweep/own-address";

jest.mock("node:https", () => ({ get: jest.fn() }));

/** AWS's check service as it answers next. */
function answers(statusCode: number, body: string): void {
  jest.mocked(get).mockImplementation(((
    _from: string,
    _options: object,
    hear: (reply: object) => void,
  ) => {
    const reply = Object.assign(Readable.from([body]), { statusCode });
    queueMicrotask(() => hear(reply));
    return Object.assign(new EventEmitter(), {
      destroy: () => reply.destroy(new Error("destroyed")),
    });
  }) as never);
}

test("the address that AWS's check service answers is the function's", async () => {
  answers(200, "203.0.113.7\n");
  expect(await findOwnAddress()).toBe("203.0.113.7");
  expect(jest.mocked(get).mock.calls[0]?.[0]).toBe("https://checkip.amazonaws.com/");
});

test.each([
  ["a page", 200, "<html>sign in to this network</html>"],
  ["an error", 503, "203.0.113.7"],
  ["nothing", 200, ""],
  ["more than an address", 200, "203.0.113.7".repeat(100)],
])("%s is no address", async (_what, status, body) => {
  answers(status, body);
  expect(await findOwnAddress()).toBeUndefined();
});

test("no answer is no address", async () => {
  jest.mocked(get).mockImplementation((() => {
    const asked = new EventEmitter();
    queueMicrotask(() => asked.emit("error", new Error("unreachable")));
    return asked;
  }) as never);
  expect(await findOwnAddress()).toBeUndefined();
});
