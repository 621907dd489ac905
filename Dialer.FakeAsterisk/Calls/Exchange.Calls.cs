using Dialer.Simulation.Scripts;

namespace Dialer.Simulation.Calls;

// The life of a channel: dialling, its far end's script, keys, hang-up.
internal sealed partial class Exchange
{
    // As asterisk/pbx/extensions.conf has it.
    private const string AnsweredContext = "answered";
    private static readonly TimeSpan s_waits = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan s_triesAgain = TimeSpan.FromSeconds(0.2);
    private static readonly TimeSpan s_inviteTimeout = TimeSpan.FromSeconds(32);

    private static (int Cause, int TechCause, string Status) EndingOf(FarEnd end) => end switch
    {
        FarEnd.Busy => (17, 486, "BUSY"),
        FarEnd.Congestion => (34, 503, "CONGESTION"),
        FarEnd.Unallocated => (1, 404, "NOANSWER"),
        FarEnd.Rejected => (21, 403, "NOANSWER"),
        FarEnd.OutOfOrder => (38, 500, "NOANSWER"),
        _ => (18, 408, "NOANSWER"),
    };

    private static ReadOnlySpan<byte> TextOf(int cause) => cause switch
    {
        1 => "Unallocated (unassigned) number"u8,
        16 => "Normal Clearing"u8,
        17 => "User busy"u8,
        18 => "No user responding"u8,
        19 => "User alerting, no answer"u8,
        21 => "Call Rejected"u8,
        34 => "Circuit/channel congestion"u8,
        38 => "Network out of order"u8,
        _ => "Unknown"u8,
    };

    private void Originate(Request request, Answer answer, string? idInPath)
    {
        var dial = request["endpoint"] ?? "";
        var address = dial.StartsWith("PJSIP/", StringComparison.Ordinal) ? dial["PJSIP/".Length..] : "";
        var at = address.IndexOf('@', StringComparison.Ordinal);
        var (number, endpoint) = at < 0 ? (address, address) : (address[..at], address[(at + 1)..]);
        var id = idInPath ?? request["channelId"] ?? $"{_now / 1_000_000}.{_serial}";
        if (_channels.ContainsKey(id))
        {
            answer.Refuse(409, "Channel with given unique ID already exists");
            return;
        }

        if (!_config.ContainsKey($"endpoint/{endpoint}"))
        {
            answer.Send(500, "{\"error\":\"Allocation failed\"}"u8);
            return;
        }

        var channel = new Channel
        {
            Id = id,
            Serial = ++_serial,
            Number = number,
            Endpoint = endpoint,
            Application = ApplicationOf(request["app"] ?? request["extension"] ?? ""),
            MayWait = request["context"] == AnsweredContext,
            Arguments = request["appArgs"] ?? "",
            CallerId = request["callerId"] ?? "",
            Behaviour = script.Draw(number, _random),
            CreatedAt = _clock.Format(_now),
        };
        _channels[id] = channel;
        log.Originated(_now, channel);
        answer.Send(200, channel.WriteTo);
        Emit(channel.Application, "ChannelCreated", channel);
        var timeout = request.Seconds("timeout") ?? TimeSpan.FromSeconds(30);
        if (timeout > TimeSpan.Zero)
        {
            Later(timeout, new Appointment(Deed.TimedOut, channel));
        }

        Ring(channel);
    }

    private void Ring(Channel channel)
    {
        var far = channel.Behaviour;
        Dialled(channel, "");
        if (far.EarlyMedia)
        {
            Dialled(channel, "PROGRESS");
        }
        else if (far.Then is FarEnd.Answer or FarEnd.NoAnswer)
        {
            SetState(channel, "Ringing");
            Dialled(channel, "RINGING");
        }

        if (far.Then == FarEnd.NoAnswer)
        {
            return;
        }

        var time = far.After?.Draw(_random) ?? (far.Then == FarEnd.Unreachable ? s_inviteTimeout : TimeSpan.Zero);
        if (time == TimeSpan.Zero)
        {
            RungOut(channel);
        }
        else
        {
            Later(time, new Appointment(Deed.RungOut, channel));
        }
    }

    private void RungOut(Channel channel)
    {
        if (channel.Behaviour.Then != FarEnd.Answer)
        {
            var (cause, techCause, status) = EndingOf(channel.Behaviour.Then);
            End(channel, cause, techCause, status, HungUpBy.FarEnd);
            return;
        }

        SetState(channel, "Up");
        Dialled(channel, "ANSWER");
        log.Answered(_now, channel);
        channel.WaitsUntil = _now + (long)s_waits.TotalMicroseconds;
        Enter(channel);
        if (channel.IsGone)
        {
            return;
        }

        foreach (var (keys, after) in channel.Behaviour.Keys)
        {
            Later(after.Draw(_random), new Appointment(Deed.Press, channel, Keys: keys));
        }

        if (channel.Behaviour.HangsUp is { } time)
        {
            Later(time.Draw(_random), new Appointment(Deed.HangUp, channel));
        }
    }

    /// <summary>To its application; while nobody listens there, the dial plan tries again and again, where it has a context for that.</summary>
    private void Enter(Channel channel)
    {
        var application = channel.Application;
        if (application.Socket is not null)
        {
            channel.InStasis = true;
            if (Begin(application, "StasisStart"))
            {
                _event.Add(",\"args\":["u8);
                _event.AddStrings(channel.Arguments.Split(',', StringSplitOptions.RemoveEmptyEntries)).Add("],\"channel\":"u8);
                channel.WriteTo(_event);
                Emit(application);
            }
        }
        else if (channel.MayWait && _now < channel.WaitsUntil)
        {
            Later(s_triesAgain, new Appointment(Deed.Enter, channel));
        }
        else
        {
            // Asterisk: «Stasis app 'x' not active», and hangs up.
            Destroy(channel, 16, 0, HungUpBy.NoApplication);
        }
    }

    private void Press(Channel channel, string keys)
    {
        foreach (var key in keys)
        {
            if (Begin(channel.Application, "ChannelDtmfReceived"))
            {
                _event.Add(",\"digit\":\""u8).Add(key.ToString()).Add("\",\"duration_ms\":100,\"channel\":"u8);
                channel.WriteTo(_event);
                Emit(channel.Application);
            }
        }
    }

    /// <summary>A hang-up by whomever, with all its events.</summary>
    private void End(Channel channel, int cause, int techCause, string? dialStatus, HungUpBy by)
    {
        Ended(channel, "ChannelHangupRequest", cause, techCause, withText: false);
        if (dialStatus is not null)
        {
            Dialled(channel, dialStatus);
        }

        Destroy(channel, cause, techCause, by);
    }

    private void Destroy(Channel channel, int cause, int techCause, HungUpBy by)
    {
        channel.IsGone = true;
        LeaveBridge(channel);
        while (channel.Playbacks is [var playback, ..])
        {
            // As Asterisk does where a hang-up cuts it short.
            Finish(playback, "failed");
        }

        _channels.Remove(channel.Id);
        if (channel.InStasis)
        {
            Emit(channel.Application, "StasisEnd", channel);
        }

        Ended(channel, "ChannelDestroyed", cause, techCause, withText: true);
        log.Ended(_now, channel, cause, by);
    }

    private void Ended(Channel channel, string type, int cause, int techCause, bool withText)
    {
        if (!Begin(channel.Application, type))
        {
            return;
        }

        _event.Add(",\"cause\":"u8).Add(cause);
        if (withText)
        {
            _event.Add(",\"cause_txt\":\""u8).Add(TextOf(cause)).Add("\""u8);
        }

        if (techCause != 0)
        {
            _event.Add(",\"tech_cause\":"u8).Add(techCause);
        }

        _event.Add(",\"channel\":"u8);
        channel.WriteTo(_event);
        Emit(channel.Application);
    }

    private void SetState(Channel channel, string state)
    {
        channel.State = state;
        Emit(channel.Application, "ChannelStateChange", channel);
    }

    private void Dialled(Channel channel, string status)
    {
        if (Begin(channel.Application, "Dial"))
        {
            _event.Add(",\"dialstatus\":\""u8).Add(status).Add("\",\"forward\":\"\",\"dialstring\":\""u8).AddEscaped(channel.Number).Add("@"u8)
                .AddEscaped(channel.Endpoint).Add("\",\"peer\":"u8);
            channel.WriteTo(_event);
            Emit(channel.Application);
        }
    }
}
