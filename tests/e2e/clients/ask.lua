-- Lets a test use the Lua client: `luaX.Y ask.lua SOCKET`. Lines in: {"seconds", "params", "wanted_for"}; lines out: {"fault", "detail",
-- "result"}.
local dialhook = require "dialhook_client"
local json = require "cjson"

local client = dialhook.client(arg[1])
for line in io.lines() do
    local asked = json.decode(line)
    if asked.text then
        print(json.encode({text = dialhook.text(asked.text:gsub("%x%x", function(hex)
            return string.char(tonumber(hex, 16))
        end))}))
    else
        local looks = type(asked.wanted_for) == "number" and asked.wanted_for or nil
        local is_wanted = looks and function()
            looks = looks - 1
            return looks >= 0
        end
        local result, fault, detail = client:ask("call.route", asked.params, asked.seconds, is_wanted)
        print(json.encode({fault = fault == "error" and detail or fault, detail = detail, result = result}))
    end
    io.flush()
end
client:close()
