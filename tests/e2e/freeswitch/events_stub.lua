-- Stands in for FreeSWITCH: as much of mod_lua's API as config/freeswitch/dialhook_events.lua uses.
--   luaX.Y events_stub.lua SCRIPT FILE
-- FILE is JSON: `globals`, the variables of vars.xml; `events`, the headers of each event; `stop`, a file whose coming is FreeSWITCH's end. What
-- the script logs comes out line by line.
local json = require "cjson"
local socket = require "socket"

local file = assert(io.open(arg[2]))
local told = json.decode(file:read("*a"))
file:close()

local function is_there(path)
    local found = io.open(path)
    return found and found:close() or found ~= nil
end

local Event = {}
Event.__index = Event
function Event:getHeader(name)
    assert(type(name) == "string")
    return self.headers[name]
end

local Consumer = {}
Consumer.__index = Consumer
function Consumer:bind(name, subclass)
    assert(type(name) == "string" and subclass == nil)
    self.bound[name] = true
    return 1
end
function Consumer:pop(blocking, milliseconds)
    assert(type(blocking) == "number" and (blocking == 0 or type(milliseconds) == "number"))
    while #told.events > 0 do
        local headers = table.remove(told.events, 1)
        if self.bound[headers["Event-Name"]] then
            return setmetatable({headers = headers}, Event)
        end
    end
    if blocking == 0 then
        return nil
    end
    if is_there(told.stop) then
        assert(self.bound.SHUTDOWN, "a script that never ends keeps FreeSWITCH from ending")
        return setmetatable({headers = {["Event-Name"] = "SHUTDOWN"}}, Event)
    end
    socket.sleep(0.02)
    return nil
end

freeswitch = {}
function freeswitch.EventConsumer(...)
    assert(select("#", ...) == 0)
    return setmetatable({bound = {}}, Consumer)
end
function freeswitch.consoleLog(level, text)
    assert(type(level) == "string" and text:sub(-1) == "\n" and not text:sub(1, -2):find("\n"))
    print(level, text)
    io.flush()
end
function freeswitch.getGlobalVariable(name)
    return told.globals[name]
end

dofile(arg[1])
