-- What mod_sofia makes of a channel's variables on the wire, as FreeSWITCH's source of August 2026 does: in the order of its own work,
-- with all that it decodes, cuts and leaves as it stands.
local wire = {}

local HOST = "192.0.2.1"
local SIP_CODES = {[0] = 480, [1] = 404, [3] = 404, [16] = 480, [17] = 486, [18] = 408, [19] = 480, [20] = 480, [21] = 603, [34] = 503}
local CAUSES = {NORMAL_CLEARING = 16, USER_BUSY = 17, NO_ANSWER = 19, NORMAL_CIRCUIT_CONGESTION = 34}

-- Ends a text at its first @, and drops what comes before its last / and :, as for a number in an address.
local function cut(text)
    text = text:match("^[^@]*")
    return text:match("([^/]*)$"):match("([^:]*)$")
end

local function decoded(text)
    text = text:gsub("%%(%x%x)", function(digits)
        return string.char(tonumber(digits, 16))
    end)
    text = text:match("^[^%z]*")
    local first = text:find('"', 1, true)
    return first and text:sub(first + 1):gsub('"[^"]*$', "") or text
end

local function encoded(text)
    return (text:gsub("[^!$&'()*+,%-./0-9:;=?@A-Z_a-z~]", function(character)
        return ("%%%02X"):format(character:byte())
    end))
end

local function with_name(name, address)
    return (name == "" or name == "_undef_") and address or ('"%s" %s'):format(name, address)
end

local function identity(variables, screens, name, number)
    local kind = variables.sip_cid_type or "rpid"
    local hides_number = variables.privacy_hide_number == "true"
    local uri = ("<sip:%s@%s>"):format(number, HOST)
    if kind == "rpid" then
        local hides = hides_number and "full" or variables.privacy_hide_name == "true" and "name" or "off"
        return {("Remote-Party-ID: %s;party=calling;screen=%s;privacy=%s"):format(with_name(decoded(name), uri), screens and "yes" or "no", hides)}
    elseif kind == "pid" then
        local header = screens and "P-Asserted-Identity: " or "P-Preferred-Identity: "
        return {header .. with_name(screens and decoded(name) or name, uri), "Privacy: " .. (hides_number and "id" or "none")}
    end
    return {}
end

-- Returns the headers that tell who calls, as the telephone of the next leg gets them.
function wire.invite(variables, screens)
    local name = cut(variables.effective_caller_id_name or variables.caller_id_name or "")
    local number = cut(variables.effective_caller_id_number or variables.caller_id_number or "0000000000")
    local from = ("<sip:%s@%s>"):format(encoded(decoded(number)), HOST)
    local lines = {"From: " .. with_name(decoded(name), from)}
    for _, line in ipairs(identity(variables, screens, name, number)) do
        lines[#lines + 1] = line
    end
    for key, value in pairs(variables) do
        if key:find("^sip_h_") and variables.sip_copy_custom_headers ~= "false" then
            lines[#lines + 1] = key:sub(#"sip_h_" + 1) .. ": " .. value
        end
    end
    return table.concat(lines, "\r\n")
end

-- Returns the code of a SIP answer to a caller who was not answered: that of the last leg goes before the cause.
function wire.sip_code(variables, cause)
    local of_the_leg = (variables.last_bridge_proto_specific_hangup_cause or ""):match("^sip:(%d+)$")
    if of_the_leg and variables.sip_ignore_remote_cause ~= "true" then
        return of_the_leg
    end
    local number = cause and (tonumber(cause:match("^%d+")) or CAUSES[cause]) or 16
    return tostring(SIP_CODES[number] or 480)
end

return wire
