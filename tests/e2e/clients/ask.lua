-- Lets a test use the Lua client: `lua5.1 ask.lua SOCKET`. Lines in: {"seconds", "params", "hangs_up"}, or {"seconds", "event", "params"}; lines out: {"fault", "result"}.
-- Of the outbox: {"add": events, "step": seconds by which its clock, which stands still, is set before they are said}; out: {"waiting", "warned"}.
local socket = require "socket"
local gettime, stands_at = socket.gettime, nil

function socket.gettime()
    return stands_at or gettime()
end

local dialhook = require "dialhook_client"
local json = require "cjson"

local client = dialhook.client(arg[1])

local warned = {}
local outbox = dialhook.outbox(arg[1], function(text)
    warned[#warned + 1] = text
end, 100)

local function hangs_up()
    return false
end

for line in io.lines() do
    local asked = json.decode(line)
    if asked.text then
        print(json.encode({text = dialhook.text(asked.text:gsub("%x%x", function(hex)
            return string.char(tonumber(hex, 16))
        end))}))
    elseif asked.add then
        stands_at, warned = socket.gettime() + asked.step, {}
        for _, event in ipairs(asked.add) do
            outbox:add(event)
        end
        outbox:say()
        print(json.encode({waiting = #outbox.waiting, warned = table.concat(warned, "\n")}))
    elseif asked.event then
        local stored, fault, code = client:event(asked.event, asked.params, asked.seconds)
        print(json.encode({fault = fault == "error" and code or fault, stored = stored}))
    else
        local result, fault, code = client:ask("call.route", asked.params, asked.seconds, asked.hangs_up and hangs_up)
        print(json.encode({fault = fault == "error" and code or fault, result = result}))
    end
    io.flush()
end
client:close()
